import type { ReactNode } from 'react';
import { MOST, PAGE, type List } from '../lib/useData';
import { useTexts } from '../texts';
import { Failure } from './Alert';
import { Button } from './Button';
import { Checkbox } from './Choices';
import { EmptyState, Skeleton } from './Placeholder';
import type { Selection } from './useSelection';

export interface Column<Row> {
  id: string;
  label: string;
  cell(row: Row): ReactNode;
  /** Aligned at the end. */
  numeric?: boolean;
}

interface TableProps<Row> {
  /** What the table shows, for those who don't see where it is. */
  label: string;
  rows: readonly Row[];
  keyOf(row: Row): string;
  /** The first column: what the row is. It is the heading of the row. */
  head: { label: string; cell(row: Row): ReactNode };
  columns: readonly Column<Row>[];
  /** The name of a row, for its checkbox. */
  nameOf?(row: Row): string;
  selection?: Selection | undefined;
  /** The last column: buttons, or a menu. */
  actions?(row: Row): ReactNode;
}

/** A table; on a narrow screen each row is a card. The roles keep it a table for assistive technology there. */
export function Table<Row>({ label, rows, keyOf, head, columns, nameOf, selection, actions }: TableProps<Row>) {
  const texts = useTexts();
  const all = selection && (
    <Checkbox
      label={texts.common.selectShown}
      hideLabel
      checked={selection.allShown}
      partly={selection.someShown}
      onChange={(picked) => selection.toggleShown(picked)}
    />
  );
  return (
    <table role="table" aria-label={label} className={selection ? 'table picking' : 'table'}>
      <thead role="rowgroup">
        <tr role="row">
          {all && (
            <th role="columnheader" scope="col" className="pick">
              {all}
            </th>
          )}
          <th role="columnheader" scope="col">
            {head.label}
          </th>
          {columns.map(({ id, label, numeric }) => (
            <th key={id} role="columnheader" scope="col" className={numeric ? 'number' : undefined}>
              {label}
            </th>
          ))}
          {actions && (
            <th role="columnheader" scope="col" className="act">
              <span className="hidden">{texts.common.actions}</span>
            </th>
          )}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row) => {
          const id = keyOf(row);
          const picked = selection?.has(id) ?? false;
          return (
            <tr key={id} role="row" data-picked={picked || undefined}>
              {selection && (
                <td role="cell" className="pick">
                  <Checkbox
                    label={texts.common.select(nameOf?.(row) ?? id)}
                    hideLabel
                    checked={picked}
                    onChange={(next, { shiftKey }) => selection.toggle(id, next, shiftKey)}
                  />
                </td>
              )}
              <th role="rowheader" scope="row">
                {head.cell(row)}
              </th>
              {columns.map(({ id, label, numeric, cell }) => (
                <td key={id} role="cell" data-label={label} className={numeric ? 'number' : undefined}>
                  {cell(row)}
                </td>
              ))}
              {actions && (
                <td role="cell" className="act">
                  {actions(row)}
                </td>
              )}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

interface DataTableProps<Row> extends Omit<TableProps<Row>, 'rows'> {
  list: List<Row>;
  /** The number of rows in words; read out when it changes. */
  count?(total: number): string;
  /** Why there are no rows, and the button that helps. */
  empty: ReactNode;
  /** What can be done with the picked rows. */
  groupActions?: ReactNode;
  /** How the list is sorted: a control above its end. */
  order?: ReactNode;
  /** Only rows that are loaded can be picked: what is done with them takes ids, no filter. */
  selectLoaded?: boolean;
}

/** A list that is loaded page by page, with everything that can happen to it. */
export function DataTable<Row>({ list, count, empty, groupActions, order, selectLoaded, ...table }: DataTableProps<Row>) {
  const texts = useTexts();
  const { rows, total } = list;
  const selection = table.selection;
  return (
    <div className="list" aria-busy={list.loading}>
      <div className="list-head">
        <p role="status" className="count">
          {total !== null && count ? count(total) : ''}
        </p>
        {order}
      </div>
      {selection && selection.count > 0 && (
        <div className="group" role="region" aria-label={texts.common.selection}>
          <span role="status">
            {selection.all && selection.ids.size === 0
              ? texts.common.allSelected(selection.count)
              : texts.common.selected(selection.count)}
          </span>
          {!selectLoaded && !selection.all && selection.allShown && total !== null && total > rows.length && (
            <Button look="link" onPress={selection.selectAll}>
              {texts.common.selectAllMatching(total)}
            </Button>
          )}
          {groupActions}
          <Button look="quiet" onPress={selection.clear}>
            {texts.common.clear}
          </Button>
        </div>
      )}
      {selection && rows.length > 0 && (
        // The heading of the table with its checkbox is not shown on narrow screens.
        <div className="pick-shown">
          <Checkbox
            label={texts.common.selectShown}
            checked={selection.allShown}
            partly={selection.someShown}
            onChange={(picked) => selection.toggleShown(picked)}
          />
        </div>
      )}
      {list.error && <Failure error={list.error} onRetry={list.reload} />}
      {list.loading && <Skeleton lines={8} />}
      {rows.length > 0 && <Table {...table} rows={rows} />}
      {!list.loading && !list.error && rows.length === 0 && <EmptyState>{empty}</EmptyState>}
      {list.hasMore &&
        (rows.length < MOST ? (
          <Button wide pending={list.loadingMore} onPress={list.more}>
            {texts.common.showMore(total === null ? PAGE : Math.min(PAGE, total - rows.length))}
          </Button>
        ) : (
          <p className="note">{texts.common.tooManyShown(rows.length)}</p>
        ))}
    </div>
  );
}
