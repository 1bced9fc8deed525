import { Link, useLocation, useSearch } from 'wouter';
import { graphql } from '../graphql';
import { Button, LinkButton } from '../kit/Button';
import { Checkbox, Radios, Select } from '../kit/Choices';
import { DataTable } from '../kit/DataTable';
import { ExportButton } from '../kit/ExportButton';
import { FilterBar } from '../kit/FilterBar';
import { Page } from '../kit/Page';
import { SearchField } from '../kit/SearchField';
import { StatusTag, Tag } from '../kit/Tag';
import { useSelection } from '../kit/useSelection';
import { useZone } from '../lib/moment';
import { MOST_DISMISSED, PEOPLE, pickedAddress, userFilter, userOrder } from '../lib/peopleFilter';
import { useData, useList } from '../lib/useData';
import { useUrlState } from '../lib/useUrlState';
import { useSay, useTexts } from '../texts';
import { useViewer } from '../viewer';
import { DepartmentTree } from './people/DepartmentTree';
import { PersonMenu } from './people/PersonMenu';

const PeopleDocument = graphql(`
  query People($filter: UserFilter!, $orderBy: UserOrder, $first: Int!, $after: String) {
    users(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        id
        name
        email
        position
        status
        department {
          id
          name
        }
        dismissal {
          id
          state
          effectiveAt
        }
      }
    }
  }
`);

/** How many there are behind each filter, so that nobody clicks for nothing. */
const Counts = graphql(`
  query PeopleCounts($left: UserFilter!, $holding: UserFilter!) {
    left: users(first: 1, filter: $left) {
      totalCount
    }
    holding: users(first: 1, filter: $holding) {
      totalCount
    }
  }
`);

export default function People() {
  const texts = useTexts();
  const words = texts.people;
  const say = useSay();
  const zone = useZone();
  const { may } = useViewer();
  const [, go] = useLocation();
  const search = useSearch();
  const { values, set, clear, changed } = useUrlState(PEOPLE);
  const filter = userFilter(values);
  const list = useList(PeopleDocument, { filter, orderBy: userOrder(values) }, ({ users }) => users);
  const seesLeft = may('SEE_DISMISSED_USERS');
  const counts = useData(
    Counts,
    {
      left: { ...filter, dismissed: true, holdsWork: null },
      holding: { ...filter, dismissed: true, holdsWork: true },
    },
    { pause: !seesLeft },
  );
  const selection = useSelection(
    JSON.stringify(filter),
    list.rows.map(({ id }) => id),
    list.total,
  );
  const tooMany = selection.count > MOST_DISMISSED;
  const count = (of: number | undefined) => (of === undefined ? undefined : say.number(of));

  return (
    <Page
      title={words.title}
      actions={
        <>
          <ExportButton list="people" filter={filter} />
          {may('DISMISS_USERS') && <LinkButton href="/dismissals">{words.dismissalsLink}</LinkButton>}
          {may('MANAGE_USERS') && <LinkButton href="/departments">{words.departmentsLink}</LinkButton>}
          {may('MANAGE_USERS') && (
            <LinkButton href="/people/invite" look="primary">
              {words.invite}
            </LinkButton>
          )}
        </>
      }
    >
      <FilterBar changed={changed} onClear={clear}>
        <SearchField label={words.search} value={values.q} onChange={(q) => set({ q }, { replace: true })} main />
        {seesLeft && (
          <Radios
            label={words.who}
            hideLabel
            segments
            value={values.show}
            onChange={(show) => set({ show, work: 'any' })}
            options={[
              { value: 'here', label: words.here },
              { value: 'left', label: words.left, count: count(counts.data?.left.totalCount) },
              { value: 'all', label: words.all },
            ]}
          />
        )}
        {values.show === 'left' && (
          <Checkbox
            label={words.stillHolding}
            count={count(counts.data?.holding.totalCount)}
            checked={values.work === 'held'}
            onChange={(held) => set({ work: held ? 'held' : 'any' })}
          />
        )}
        {values.show !== 'left' && may('DISMISS_USERS') && (
          <Checkbox label={words.scheduled} checked={values.leaving} onChange={(leaving) => set({ leaving })} />
        )}
        <Select
          label={words.role}
          hideLabel
          value={values.role}
          onChange={(role) => set({ role })}
          options={[
            { value: 'any', label: words.anyRole },
            { value: 'ADMINISTRATOR', label: texts.enums.role.ADMINISTRATOR },
            { value: 'EMPLOYEE', label: texts.enums.role.EMPLOYEE },
          ]}
        />
      </FilterBar>
      <div className="columns">
        <DepartmentTree selected={values.department} onSelect={(department) => set({ department })} />
        <DataTable
          label={words.title}
          list={list}
          count={words.count}
          keyOf={({ id }) => id}
          nameOf={({ name }) => name}
          selection={may('DISMISS_USERS') && values.show !== 'left' ? selection : undefined}
          order={
            <Select
              label={words.sort}
              value={values.sort}
              onChange={(sort) => set({ sort })}
              options={(['NAME', 'EMAIL', 'HIRED_ON', 'DISMISSED_AT'] as const).map((field) => ({
                value: field,
                label: texts.enums.userOrder[field],
              }))}
            />
          }
          empty={changed ? words.nobody : words.nobodyYet}
          groupActions={
            <>
              <Button
                look="danger"
                disabled={tooMany}
                onPress={() => go(pickedAddress({ all: selection.all, ids: [...selection.ids] }, search))}
              >
                {words.dismissSelected}
              </Button>
              {tooMany && <span>{words.fewerThan(MOST_DISMISSED)}</span>}
            </>
          }
          head={{
            label: texts.common.name,
            cell: ({ id, name, email }) => (
              <>
                <Link href={`/people/${id}`}>{name}</Link>
                <small>{email}</small>
              </>
            ),
          }}
          columns={[
            { id: 'position', label: texts.common.position, cell: ({ position }) => position },
            { id: 'department', label: texts.common.department, cell: ({ department }) => department?.name },
            {
              id: 'status',
              label: texts.common.status,
              cell: ({ status, dismissal }) => (
                <span className="tags">
                  <StatusTag status={status} />
                  {dismissal?.state === 'SCHEDULED' && (
                    <Tag tone="warn">{words.leaves(say.date(dismissal.effectiveAt, zone))}</Tag>
                  )}
                  {dismissal?.state === 'IN_FORCE' && <small>{words.since(say.date(dismissal.effectiveAt))}</small>}
                </span>
              ),
            },
          ]}
          actions={(person) => <PersonMenu person={person} />}
        />
      </div>
    </Page>
  );
}
