// Light, dark, or as the system: the style sheet knows all three, by `data-theme` and `color-scheme`.

import { store } from './listeners';
import { recall, remember } from './remember';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const isTheme = (name: string | null): name is Theme => THEMES.some((theme) => theme === name);
const chosen = recall('theme');

export const theme = store<Theme>(isTheme(chosen) ? chosen : 'system');

function apply(): void {
  document.documentElement.dataset['theme'] = theme.get();
}

export function startTheme(): void {
  apply();
  theme.subscribe(apply);
}

export function chooseTheme(next: Theme): void {
  remember('theme', next === 'system' ? null : next);
  theme.set(next);
}
