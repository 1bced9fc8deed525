import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { useAction } from '../lib/useAction';
import { useData } from '../lib/useData';
import { Failure } from '../kit/Alert';
import { Button } from '../kit/Button';
import { Table } from '../kit/DataTable';
import { NameDialog } from '../kit/NameDialog';
import { Page } from '../kit/Page';
import { EmptyState, Skeleton } from '../kit/Placeholder';
import { useTexts } from '../texts';
import { SettingsTabs } from './settings/SettingsTabs';
import { CrmRolesDocument, SetCrmRole } from './settings/crmRoles';

export default function CrmRoles() {
  const texts = useTexts();
  const words = texts.settings;
  const [, go] = useLocation();
  const { data, error, loading, reload } = useData(CrmRolesDocument, {});
  const [creating, setCreating] = useState(false);
  const create = useAction(SetCrmRole, ['name']);
  const roles = data?.crmRoles ?? [];
  return (
    <Page
      title={words.crmRoles}
      actions={
        <Button look="primary" onPress={() => setCreating(true)}>
          {words.newRole}
        </Button>
      }
    >
      <SettingsTabs />
      <p className="note">{words.crmRolesText}</p>
      <div className="list">
        <p role="status" className="count">
          {data ? words.countRoles(roles.length) : ''}
        </p>
        {error && <Failure error={error} onRetry={reload} />}
        {loading && <Skeleton />}
        {roles.length > 0 && (
          <Table
            label={words.crmRoles}
            rows={roles}
            keyOf={({ id }) => id}
            head={{
              label: texts.common.name,
              cell: ({ id, name }) => <Link href={`/settings/crm-roles/${id}`}>{name}</Link>,
            }}
            columns={[
              {
                id: 'audience',
                label: words.audience,
                cell: ({ audience }) => texts.enums.crmAudience[audience],
              },
              {
                id: 'members',
                label: words.members,
                cell: ({ members }) => (members.length > 0 ? texts.common.people(members.length) : null),
              },
              {
                id: 'departments',
                label: words.departments,
                cell: ({ departments }) =>
                  departments.length > 0 ? words.countDepartments(departments.length) : null,
              },
            ]}
          />
        )}
        {data && roles.length === 0 && <EmptyState>{words.noRoles}</EmptyState>}
      </div>
      <NameDialog
        title={words.newRoleTitle}
        hint={words.newRoleHint}
        isOpen={creating}
        onClose={() => {
          create.reset();
          setCreating(false);
        }}
        action={texts.common.create}
        pending={create.pending}
        error={create.problemOf('name')}
        problems={create.problems}
        onSubmit={async (name) => {
          const answer = await create.run({ input: { name, rules: [] } });
          if (answer?.role) go(`/settings/crm-roles/${answer.role.id}`);
        }}
      />
    </Page>
  );
}
