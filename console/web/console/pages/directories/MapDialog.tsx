import { useState } from 'react';
import { useData } from '../../lib/useData';
import { focusProblem } from '../../lib/useFocusProblem';
import { Failure, Problems } from '../../kit/Alert';
import { Button } from '../../kit/Button';
import { Radios, Select } from '../../kit/Choices';
import { Confirm } from '../../kit/Confirm';
import { DepartmentSelect } from '../../kit/DepartmentSelect';
import { Dialog } from '../../kit/Dialog';
import { useTexts } from '../../texts';
import { CrmRolesDocument } from '../settings/crmRoles';
import type { Group, Target } from './documents';

interface MapProps {
  /** Open while there is one. */
  group: Group | undefined;
  onClose(): void;
  onMap(group: Group, to: Target): void;
  pending: boolean;
  problems: string[];
}

/** Asks what the members of a group get. Administrators are made only after a second question. */
export function MapDialog({ group, onClose, onMap, pending, problems }: MapProps) {
  const { directories: words } = useTexts();
  const [making, setMaking] = useState(false);
  const close = () => {
    setMaking(false);
    onClose();
  };
  return (
    <>
      <Dialog title={words.mapTitle(group?.displayName ?? '')} isOpen={group !== undefined && !making} onClose={close}>
        {group && (
          <Form
            onClose={close}
            onMap={(to) => ('administrators' in to ? setMaking(true) : onMap(group, to))}
            pending={pending}
            problems={problems}
          />
        )}
      </Dialog>
      <Confirm
        title={words.makeTitle(group?.displayName ?? '')}
        isOpen={group !== undefined && making}
        onClose={close}
        action={words.makeAdministrators}
        onConfirm={() => group && onMap(group, { administrators: true })}
        danger
        pending={pending}
        problems={problems}
      >
        <p>{words.makeText(group?.memberCount ?? 0)}</p>
        <p>{words.makeWarning}</p>
      </Confirm>
    </>
  );
}

type What = 'department' | 'crmRole' | 'administrators';

function Form({ onClose, onMap, pending, problems }: Omit<MapProps, 'group' | 'onMap'> & { onMap(to: Target): void }) {
  const { common, directories: words } = useTexts();
  const { data, error, reload } = useData(CrmRolesDocument, {});
  const [what, setWhat] = useState<What>('department');
  const [departmentId, setDepartmentId] = useState('');
  const [crmRoleId, setCrmRoleId] = useState('');
  const [tried, setTried] = useState(false);
  const chosen: Target | undefined =
    what === 'administrators'
      ? { administrators: true }
      : what === 'department'
        ? departmentId
          ? { departmentId }
          : undefined
        : crmRoleId
          ? { crmRoleId }
          : undefined;
  const missing = tried && !chosen ? common.required : undefined;
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (chosen) onMap(chosen);
        else focusProblem(event.currentTarget);
      }}
    >
      <Radios
        label={words.gives}
        value={what}
        onChange={(next) => setWhat(next)}
        options={[
          { value: 'department', label: common.department },
          { value: 'crmRole', label: words.crmRole },
          { value: 'administrators', label: words.administrators },
        ]}
      />
      {what === 'department' && (
        <DepartmentSelect
          label={common.department}
          value={departmentId}
          onChange={setDepartmentId}
          none={words.chooseOne}
          error={missing}
        />
      )}
      {what === 'crmRole' && (
        <Select
          label={words.crmRole}
          value={crmRoleId}
          onChange={setCrmRoleId}
          options={[
            { value: '', label: words.chooseOne },
            ...(data?.crmRoles ?? []).map(({ id, name }) => ({ value: id, label: name })),
          ]}
          error={missing}
        />
      )}
      {what === 'crmRole' && error && <Failure error={error} onRetry={reload} />}
      <Problems of={problems} />
      <footer className="actions">
        <Button onPress={onClose}>{common.cancel}</Button>
        <Button look="primary" submit pending={pending}>
          {words.mapAction}
        </Button>
      </footer>
    </form>
  );
}
