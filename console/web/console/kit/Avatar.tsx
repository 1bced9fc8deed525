/** The initials of a person; the name is beside it. */
export function Avatar({ name }: { name: string }) {
  const initials = name
    .split(/[\s@.]+/)
    .map((word) => [...word][0] ?? '')
    .slice(0, 2)
    .join('')
    .toUpperCase();
  return (
    <span className="avatar" aria-hidden="true">
      {initials}
    </span>
  );
}
