const PATHS = {
  add: 'M12 5v14M5 12h14',
  audit: 'M5 4h14v16H5zM8 9h8M8 13h8M8 17h5',
  calendar: 'M4 6h16v14H4zM4 10h16M8 3v4M16 3v4',
  check: 'M5 12l5 5 9-10',
  chevron: 'M9 6l6 6-6 6',
  close: 'M6 6l12 12M18 6L6 18',
  crm: 'M4 7h16v12H4zM9 7V4h6v3',
  file: 'M6 3h8l4 4v14H6zM14 3v5h5',
  files: 'M3 6h7l2 3h9v10H3z',
  handovers: 'M4 8h13l-4-4M20 16H7l4 4',
  left: 'M15 6l-6 6 6 6',
  menu: 'M4 7h16M4 12h16M4 17h16',
  more: 'M5 12h.01M12 12h.01M19 12h.01',
  overview: 'M3 12h4v8H3zM10 4h4v16h-4zM17 9h4v11h-4z',
  people: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 20c0-4 4-6 8-6s8 2 8 6z',
  search: 'M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM16 16l5 5',
  settings: 'M4 7h10M18 7h2M4 17h2M10 17h10M16 5v4M8 15v4',
  star: 'M12 4l2.5 5.2 5.5.8-4 4 1 5.6-5-2.7-5 2.7 1-5.6-4-4 5.5-.8z',
  tasks: 'M4 6l2 2 3-4M4 15l2 2 3-4M12 7h8M12 16h8',
  up: 'M6 15l6-6 6 6',
  warning: 'M12 4l9 16H3zM12 10v4M12 17h.01',
} as const;

export type IconName = keyof typeof PATHS;

/** A picture beside words, or within a button that has a label: it says nothing itself. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg viewBox="0 0 24 24" className={`icon-${name}`} aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
