interface ProgressProps {
  label: string;
  /** Between 0 and 1. */
  share: number;
  /** What it means, in words. */
  text?: string;
}

export function Progress({ label, share, text }: ProgressProps) {
  const percent = Math.round(Math.min(Math.max(share, 0), 1) * 100);
  return (
    <div
      className="progress"
      role="progressbar"
      aria-label={label}
      aria-valuenow={percent}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuetext={text}
    >
      <svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
        <rect className="fill" width={percent} height="4" />
      </svg>
    </div>
  );
}
