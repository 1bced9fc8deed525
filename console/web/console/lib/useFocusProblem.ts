import { type RefObject, useEffect, useRef } from 'react';

const focusFirst = (form: HTMLFormElement | null) => form?.querySelector<HTMLElement>('[aria-invalid]')?.focus();

/** After a refusal the first field with a problem takes the focus. Returns the reference for the form. */
export function useFocusProblem(refusals: readonly unknown[]): RefObject<HTMLFormElement | null> {
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (refusals.length > 0) focusFirst(form.current);
  }, [refusals]);
  return form;
}

/** The same for what the form itself has found, as soon as it is marked. */
export const focusProblem = (form: HTMLFormElement | null): void => {
  requestAnimationFrame(() => focusFirst(form));
};
