import { useRef } from 'react';
import { Button } from '../../kit/Button';
import { useTexts } from '../../texts';

/** Opens the file picker of the system. */
export function UploadButton({ onChoose }: { onChoose(files: File[]): void }) {
  const { files } = useTexts();
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button look="primary" onPress={() => input.current?.click()}>
        {files.upload}
      </Button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        onChange={({ target }) => {
          onChoose([...(target.files ?? [])]);
          // The same file can be chosen again.
          target.value = '';
        }}
      />
    </>
  );
}
