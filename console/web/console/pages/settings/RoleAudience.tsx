import { useState } from 'react';
import { Link } from 'wouter';
import { useAction } from '../../lib/useAction';
import { Problems } from '../../kit/Alert';
import { Button } from '../../kit/Button';
import { DepartmentSelect } from '../../kit/DepartmentSelect';
import { Icon } from '../../kit/Icon';
import { Panel } from '../../kit/Page';
import { PersonPicker } from '../../kit/PersonPicker';
import { tell } from '../../kit/Status';
import { StatusTag } from '../../kit/Tag';
import { useTexts } from '../../texts';
import { type CrmRole, type Rule, SetCrmRole } from './crmRoles';

interface AudienceProps {
  role: CrmRole;
  /** The rules as they are saved now: the mutation takes all of them. */
  rulesNow(): Promise<Rule[]>;
}

/** Who has a role. */
export function RoleAudience({ role, rulesNow }: AudienceProps) {
  const { common, enums, settings } = useTexts();
  const { run, pending, problems } = useAction(SetCrmRole);
  const [picking, setPicking] = useState(false);
  const [added, setAdded] = useState('');
  const memberIds = role.members.map(({ id }) => id);
  const departmentIds = role.departments.map(({ id }) => id);

  const save = async (change: { memberIds?: string[]; departmentIds?: string[] }) => {
    const input = { roleId: role.id, name: role.name, rules: await rulesNow(), ...change };
    if (await run({ input })) tell(common.saved);
  };
  return (
    <Panel title={settings.audience}>
      <p>{enums.crmAudience[role.audience]}</p>
      <Problems of={problems} />
      <div className="audience">
        <section>
          <header>
            <h3>{settings.members}</h3>
            <Button pending={pending} onPress={() => setPicking(true)}>
              {settings.addMembers}
            </Button>
          </header>
          {role.members.length === 0 && <p className="note">{settings.noMembers}</p>}
          <ul className="chips">
            {role.members.map(({ id, name, status }) => (
              <li key={id}>
                <Link href={`/people/${id}`}>{name}</Link>
                {status !== 'ACTIVE' && <StatusTag status={status} />}
                <Button
                  look="icon"
                  aria-label={common.removeName(name)}
                  onPress={() => void save({ memberIds: memberIds.filter((one) => one !== id) })}
                >
                  <Icon name="close" />
                </Button>
              </li>
            ))}
          </ul>
        </section>
        <section>
          <header>
            <h3>{settings.departments}</h3>
          </header>
          {role.departments.length === 0 && <p className="note">{settings.noDepartments}</p>}
          <ul className="chips">
            {role.departments.map(({ id, name }) => (
              <li key={id}>
                {name}
                <Button
                  look="icon"
                  aria-label={common.removeName(name)}
                  onPress={() => void save({ departmentIds: departmentIds.filter((one) => one !== id) })}
                >
                  <Icon name="close" />
                </Button>
              </li>
            ))}
          </ul>
          <form
            className="add-one"
            onSubmit={(event) => {
              event.preventDefault();
              if (added) void save({ departmentIds: [...departmentIds, added] }).then(() => setAdded(''));
            }}
          >
            <DepartmentSelect
              label={settings.addDepartment}
              hideLabel
              value={added}
              onChange={setAdded}
              none={settings.chooseDepartment}
              except={departmentIds}
            />
            <Button submit pending={pending} disabled={!added}>
              {common.add}
            </Button>
          </form>
        </section>
      </div>
      <PersonPicker
        title={settings.addMembers}
        isOpen={picking}
        onClose={() => setPicking(false)}
        several
        except={memberIds}
        onPick={(people) => void save({ memberIds: [...memberIds, ...people.map(({ id }) => id)] })}
      />
    </Panel>
  );
}
