// The language of the page: the browser's, or the one that was chosen here before.

import { useSyncExternalStore } from 'react';
import { recall, remember } from '../lib/remember';
import { type Say, sayIn } from './say';
import type { Texts } from './en';

export type { Texts } from './en';
export type { Say } from './say';

export type Language = 'en' | 'de';

/** Each language by its own name. */
export const LANGUAGES: Record<Language, string> = { en: 'English', de: 'Deutsch' };

const load: Record<Language, () => Promise<(say: Say) => Texts>> = {
  en: async () => (await import('./en')).english,
  de: async () => (await import('./de')).german,
};

interface Spoken {
  language: Language;
  texts: Texts;
  say: Say;
}

let current: Spoken | undefined;
const listeners = new Set<() => void>();

/** The first language of the browser that there are texts for, with its region: it decides how dates look. */
function preferred(): string {
  const spoken = navigator.languages.find((tag) => tag.slice(0, 2).toLowerCase() in LANGUAGES);
  return spoken ?? 'en';
}

async function speak(language: Language): Promise<void> {
  const regional = navigator.languages.find((tag) => tag.toLowerCase().startsWith(language));
  const say = sayIn(regional ?? language);
  const texts = (await load[language]())(say);
  current = { language, texts, say };
  document.documentElement.lang = language;
  listeners.forEach((listener) => listener());
}

/** Loads the texts; the page is shown after that. */
export function startLanguage(): Promise<void> {
  const chosen = recall('language');
  return speak(chosen && chosen in LANGUAGES ? (chosen as Language) : (preferred().slice(0, 2) as Language));
}

export function chooseLanguage(language: Language): Promise<void> {
  remember('language', language);
  return speak(language);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function spoken(): Spoken {
  if (!current) throw new Error('the texts are not loaded yet');
  return current;
}

export const useLanguage = (): Language => useSyncExternalStore(subscribe, spoken).language;

/** All words of the page. */
export const useTexts = (): Texts => useSyncExternalStore(subscribe, spoken).texts;

/** Numbers, dates and plurals. */
export const useSay = (): Say => useSyncExternalStore(subscribe, spoken).say;

/** For code that is no component. */
export const texts = (): Texts => spoken().texts;
