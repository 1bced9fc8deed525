import { useEffect, useState } from 'react';
import { Link } from 'wouter';
import { useAction } from '../../lib/useAction';
import { Problems } from '../../kit/Alert';
import { Button } from '../../kit/Button';
import { Select } from '../../kit/Choices';
import { DepartmentSelect } from '../../kit/DepartmentSelect';
import { Icon } from '../../kit/Icon';
import { Panel } from '../../kit/Page';
import { PersonPicker } from '../../kit/PersonPicker';
import { tell } from '../../kit/Status';
import { StatusTag } from '../../kit/Tag';
import { useTexts } from '../../texts';
import { Meanwhile } from './Meanwhile';
import { type Audience, type CrmRole, SetCrmRole, asRead, hasChanged } from './crmRoles';

interface AudienceProps {
  role: CrmRole;
  onReload(): void;
}

/** What is to be different: of the role as it is then. */
type Change = (role: CrmRole) => { audience?: Audience; memberIds?: string[]; departmentIds?: string[] };

const AUDIENCES = ['NAMED', 'ADMINISTRATORS', 'EVERYBODY'] as const satisfies readonly Audience[];
const ids = (of: readonly { id: string }[]) => of.map(({ id }) => id);

/** Who has a role. */
export function RoleAudience({ role, onReload }: AudienceProps) {
  const { common, enums, settings } = useTexts();
  const { run, pending, problems, refusals, reset } = useAction(SetCrmRole);
  const [picking, setPicking] = useState(false);
  const [added, setAdded] = useState('');
  const [chosen, setChosen] = useState<Audience>();
  const [last, setLast] = useState<Change>();
  const [meanwhile, setMeanwhile] = useState(false);
  const audience = chosen ?? role.audience;

  const save = async (change: Change) => {
    setLast(() => change);
    setMeanwhile(false);
    if (!(await run({ input: { ...asRead(role), ...change(role) } }))) return;
    setChosen(undefined);
    setAdded('');
    tell(common.saved);
  };
  const conflict = hasChanged({ refusals });
  useEffect(() => {
    if (!conflict) return;
    setMeanwhile(true);
    reset();
    onReload();
  }, [conflict]);
  return (
    <Panel title={settings.audience}>
      <form
        className="add-one"
        onSubmit={(event) => {
          event.preventDefault();
          void save(() => ({ audience }));
        }}
      >
        <Select
          label={settings.audience}
          hideLabel
          value={audience}
          onChange={(next) => setChosen(next)}
          options={AUDIENCES.map((value) => ({ value, label: enums.crmAudience[value] }))}
        />
        <Button submit pending={pending} disabled={audience === role.audience}>
          {common.change}
        </Button>
      </form>
      <Problems of={problems} />
      {meanwhile && (
        <Meanwhile
          action={last && <Button onPress={() => void save(last)}>{common.tryAgain}</Button>}
        />
      )}
      <div className="audience">
        {role.audience !== 'EVERYBODY' && (
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
                    onPress={() => void save(({ members }) => ({ memberIds: ids(members).filter((one) => one !== id) }))}
                  >
                    <Icon name="close" />
                  </Button>
                </li>
              ))}
            </ul>
          </section>
        )}
        {role.audience === 'NAMED' && (
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
                    onPress={() => void save(({ departments }) => ({ departmentIds: ids(departments).filter((one) => one !== id) }))}
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
                if (added) void save(({ departments }) => ({ departmentIds: [...new Set([...ids(departments), added])] }));
              }}
            >
              <DepartmentSelect
                label={settings.addDepartment}
                hideLabel
                value={added}
                onChange={setAdded}
                none={settings.chooseDepartment}
                except={ids(role.departments)}
              />
              <Button submit pending={pending} disabled={!added}>
                {common.add}
              </Button>
            </form>
          </section>
        )}
      </div>
      <PersonPicker
        title={settings.addMembers}
        isOpen={picking}
        onClose={() => setPicking(false)}
        several
        except={ids(role.members)}
        onPick={(people) => void save(({ members }) => ({ memberIds: [...new Set([...ids(members), ...ids(people)])] }))}
      />
    </Panel>
  );
}
