import { type DragEvent, type ReactNode, useRef, useState } from 'react';
import { useTexts } from '../../texts';

interface DropZoneProps {
  enabled: boolean;
  onDrop(files: File[]): void;
  children: ReactNode;
}

const hasFiles = ({ dataTransfer }: DragEvent) => dataTransfer.types.includes('Files');

/** Takes files that are dragged onto it. Whoever can't drag has the button for it. */
export function DropZone({ enabled, onDrop, children }: DropZoneProps) {
  const { files } = useTexts();
  const [over, setOver] = useState(false);
  // Moving from one child to another leaves the one and enters the other.
  const depth = useRef(0);
  const enter = (by: number) => {
    depth.current += by;
    setOver(depth.current > 0);
  };
  if (!enabled) return children;
  return (
    <div
      className="drop"
      data-over={over || undefined}
      onDragEnter={(event) => hasFiles(event) && enter(1)}
      onDragLeave={(event) => hasFiles(event) && enter(-1)}
      onDragOver={(event) => hasFiles(event) && event.preventDefault()}
      onDrop={(event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        enter(-depth.current);
        // A folder has no bytes of its own to send.
        const entries = [...event.dataTransfer.items].filter(
          (item) => item.kind === 'file' && !item.webkitGetAsEntry()?.isDirectory,
        );
        onDrop(entries.map((item) => item.getAsFile()).filter((file) => file !== null));
      }}
    >
      {children}
      <p className="drop-here" hidden={!over}>
        {files.dropHere}
      </p>
    </div>
  );
}
