import type { ReactNode } from 'react';
import { useTexts } from '../texts';
import { Button } from './Button';

interface FilterBarProps {
  children: ReactNode;
  /** Whether any filter is set. */
  changed: boolean;
  onClear(): void;
}

/** The filters of a list. Their values are in the address: see `useUrlState`. */
export function FilterBar({ children, changed, onClear }: FilterBarProps) {
  const texts = useTexts();
  return (
    <div className="filters" role="group" aria-label={texts.common.filters}>
      {children}
      {changed && (
        <Button look="quiet" onPress={onClear}>
          {texts.common.clearFilters}
        </Button>
      )}
    </div>
  );
}
