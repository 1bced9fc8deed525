import { useState } from 'react';
import { useClient } from 'urql';
import { DataTable } from '../../kit/DataTable';
import { Button } from '../../kit/Button';
import { Confirm } from '../../kit/Confirm';
import { Icon } from '../../kit/Icon';
import { Panel } from '../../kit/Page';
import { tell } from '../../kit/Status';
import { useAction } from '../../lib/useAction';
import { useList } from '../../lib/useData';
import { type Texts, useSay, useTexts } from '../../texts';
import { MapDialog } from './MapDialog';
import { type Group, GroupDocument, GroupsDocument, MapGroup, type Mapping, type Target } from './documents';

const NONE = { totalCount: 0, nodes: [], pageInfo: { hasNextPage: false, endCursor: null } };

const mappingWords = ({ department, crmRole }: Mapping, { directories: words }: Texts): string =>
  department ? words.inDepartment(department.name) : crmRole ? words.withRole(crmRole.name) : words.administrators;

const targetOf = ({ department, crmRole }: Mapping): Target =>
  department ? { departmentId: department.id } : crmRole ? { crmRoleId: crmRole.id } : { administrators: true };

/** The groups of a directory, and what their members get. */
export function Groups({ directoryId }: { directoryId: string }) {
  const texts = useTexts();
  const { directories: words } = texts;
  const say = useSay();
  const client = useClient();
  const list = useList(GroupsDocument, { id: directoryId }, ({ node }) =>
    node?.__typename === 'Directory' ? node.groups : NONE,
  );
  const { run, pending, problems, reset } = useAction(MapGroup);
  const [mapped, setMapped] = useState<Group>();
  const [ended, setEnded] = useState<{ group: Group; mapping: Mapping }>();
  const close = () => {
    reset();
    setMapped(undefined);
    setEnded(undefined);
  };
  const save = async (group: Group, to: Target, map: boolean) => {
    if (!(await run({ input: { groupId: group.id, to, map } }))) return;
    await client.query(GroupDocument, { id: group.id }, { requestPolicy: 'network-only' }).toPromise();
    tell(map ? words.mapped : words.unmapped);
    close();
  };
  return (
    <Panel title={words.groups}>
      <DataTable
        label={words.groups}
        list={list}
        count={words.countGroups}
        keyOf={({ id }) => id}
        empty={words.noGroups}
        head={{ label: texts.common.name, cell: ({ displayName }) => displayName }}
        columns={[
          { id: 'members', label: words.members, numeric: true, cell: ({ memberCount }) => say.number(memberCount) },
          {
            id: 'gives',
            label: words.gives,
            cell: (group) =>
              group.mappings.length === 0 ? (
                <small>{words.givesNothing}</small>
              ) : (
                <ul className="chips">
                  {group.mappings.map((mapping) => {
                    const what = mappingWords(mapping, texts);
                    return (
                      <li key={what}>
                        {what}
                        <Button
                          look="icon"
                          aria-label={`${texts.common.removeName(what)} – ${group.displayName}`}
                          onPress={() => setEnded({ group, mapping })}
                        >
                          <Icon name="close" />
                        </Button>
                      </li>
                    );
                  })}
                </ul>
              ),
          },
        ]}
        actions={(group) => (
          <Button onPress={() => setMapped(group)}>
            {words.map}
            <span className="hidden"> – {group.displayName}</span>
          </Button>
        )}
      />
      <MapDialog
        key={mapped?.id}
        group={mapped}
        onClose={close}
        onMap={(group, to) => void save(group, to, true)}
        pending={pending}
        problems={problems}
      />
      <Confirm
        title={words.unmapTitle(ended?.group.displayName ?? '', ended ? mappingWords(ended.mapping, texts) : '')}
        isOpen={ended !== undefined}
        onClose={close}
        action={words.unmap}
        onConfirm={() => ended && void save(ended.group, targetOf(ended.mapping), false)}
        danger
        pending={pending}
        problems={problems}
      >
        <p>{words.unmapText}</p>
      </Confirm>
    </Panel>
  );
}
