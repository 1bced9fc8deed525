import { useState } from 'react';
import { useAction } from '../../lib/useAction';
import { focusProblem, useFocusProblem } from '../../lib/useFocusProblem';
import { Problems } from '../../kit/Alert';
import { Button } from '../../kit/Button';
import { DepartmentSelect } from '../../kit/DepartmentSelect';
import { Dialog } from '../../kit/Dialog';
import { Field } from '../../kit/Field';
import { type Picked, PersonField } from '../../kit/PersonPicker';
import { tell } from '../../kit/Status';
import { useTexts } from '../../texts';
import { type Node, SetDepartment } from './documents';

export interface Editing {
  /** Without one, a department is made. */
  department: Node | undefined;
  parentId: string;
}

interface DialogProps {
  editing: Editing | undefined;
  onClose(): void;
}

export function DepartmentDialog({ editing, onClose }: DialogProps) {
  const { departments } = useTexts();
  const name = editing?.department?.name;
  return (
    <Dialog
      title={name === undefined ? departments.createTitle : departments.editTitle(name)}
      isOpen={editing !== undefined}
      onClose={onClose}
    >
      {editing && <Form editing={editing} onClose={onClose} />}
    </Dialog>
  );
}

function Form({ editing: { department, parentId }, onClose }: DialogProps & { editing: Editing }) {
  const { common, departments } = useTexts();
  const [name, setName] = useState(department?.name ?? '');
  const [parent, setParent] = useState(parentId);
  const [head, setHead] = useState<Picked | null>(department?.head ?? null);
  const [missing, setMissing] = useState(false);
  const { run, pending, problems, problemOf, refusals } = useAction(SetDepartment, ['name', 'parentId', 'headId']);
  const form = useFocusProblem(refusals);
  const save = async () => {
    setMissing(!name.trim());
    if (!name.trim()) {
      focusProblem(form.current);
      return;
    }
    const input = {
      departmentId: department?.id ?? null,
      name: name.trim(),
      parentId: parent || null,
      // A head who has left stays until another one is chosen: naming them again would be refused.
      ...(head?.id === department?.head?.id ? {} : { headId: head?.id ?? null }),
    };
    if (!(await run({ input }))) return;
    tell(department ? common.saved : departments.created(name.trim()));
    onClose();
  };
  const headProblem = problemOf('headId');
  return (
    <form
      ref={form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <Field
        label={common.name}
        value={name}
        onChange={setName}
        error={missing && !name.trim() ? common.required : problemOf('name')}
        required
        autoFocus
        autoComplete="off"
      />
      <DepartmentSelect
        label={departments.parent}
        value={parent}
        onChange={setParent}
        error={problemOf('parentId')}
        none={departments.top}
        branch={department?.id}
      />
      <div className="field">
        <span className="label">{departments.head}</span>
        <span className="tags">
          <PersonField
            title={departments.chooseHead}
            picked={head ? [{ id: head.id, name: head.name }] : []}
            onPick={([person]) => setHead(person ?? null)}
          />
          {head && (
            <Button look="quiet" onPress={() => setHead(null)}>
              {departments.removeHead}
            </Button>
          )}
        </span>
        {headProblem && <small className="problem">{headProblem}</small>}
      </div>
      <Problems of={problems} />
      <footer className="actions">
        <Button onPress={onClose}>{common.cancel}</Button>
        <Button look="primary" submit pending={pending}>
          {department ? common.save : common.create}
        </Button>
      </footer>
    </form>
  );
}
