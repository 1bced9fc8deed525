import { useState } from 'react';
import { graphql } from '../graphql';
import { useAction } from '../lib/useAction';
import { useData } from '../lib/useData';
import { Failure, Problems } from '../kit/Alert';
import { Button } from '../kit/Button';
import { Checkbox } from '../kit/Choices';
import { Page, Panel } from '../kit/Page';
import { Skeleton } from '../kit/Placeholder';
import { tell } from '../kit/Status';
import { useTexts } from '../texts';
import { SettingsTabs } from './settings/SettingsTabs';

const CompanyDocument = graphql(`
  query CompanySettings {
    settings {
      showDismissedEmployees
    }
  }
`);

const UpdateCompany = graphql(`
  mutation UpdateCompany($input: UpdateSettingsInput!) {
    updateSettings(input: $input) {
      settings {
        showDismissedEmployees
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`);

export default function Company() {
  const { settings } = useTexts();
  const { data, error, loading, reload } = useData(CompanyDocument, {});
  return (
    <Page title={settings.company}>
      <SettingsTabs />
      {error && <Failure error={error} onRetry={reload} />}
      {loading && <Skeleton lines={3} />}
      {data && <Form saved={data.settings.showDismissedEmployees} onSaved={reload} />}
    </Page>
  );
}

function Form({ saved, onSaved }: { saved: boolean; onSaved(): void }) {
  const { common, settings } = useTexts();
  const [shown, setShown] = useState<boolean>();
  const { run, pending, problems } = useAction(UpdateCompany);
  const value = shown ?? saved;
  const save = async () => {
    if (!(await run({ input: { showDismissedEmployees: value } }))) return;
    setShown(undefined);
    onSaved();
    tell(common.saved);
  };
  return (
    <Panel title={settings.visibility}>
      <form
        className="settings-form"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Checkbox
          label={settings.showDismissed}
          hint={settings.showDismissedHint}
          checked={value}
          onChange={setShown}
        />
        <Problems of={problems} />
        <div className="actions">
          {value !== saved && <Button onPress={() => setShown(undefined)}>{settings.discard}</Button>}
          <Button look="primary" submit pending={pending} disabled={value === saved}>
            {common.save}
          </Button>
        </div>
      </form>
    </Panel>
  );
}
