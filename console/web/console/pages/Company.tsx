import { useEffect, useState } from 'react';
import { type ResultOf, graphql } from '../graphql';
import { useAction } from '../lib/useAction';
import { useData } from '../lib/useData';
import { zones } from '../lib/zones';
import { Failure, Problems } from '../kit/Alert';
import { Button } from '../kit/Button';
import { Checkbox, Select } from '../kit/Choices';
import { Field } from '../kit/Field';
import { Page, Panel } from '../kit/Page';
import { Skeleton } from '../kit/Placeholder';
import { tell } from '../kit/Status';
import { useTexts } from '../texts';
import { Meanwhile } from './settings/Meanwhile';
import { SettingsTabs } from './settings/SettingsTabs';
import { hasChanged } from './settings/crmRoles';

const CompanyDocument = graphql(`
  query CompanySettings {
    settings {
      showDismissedEmployees
      companyName
      timeZone
      revision
    }
  }
`);

const UpdateCompany = graphql(`
  mutation UpdateCompany($input: UpdateSettingsInput!) {
    updateSettings(input: $input) {
      settings {
        revision
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`);

type Saved = ResultOf<typeof CompanyDocument>['settings'];
const NAMES = ['companyName', 'timeZone', 'showDismissedEmployees'] as const;
type Entered = Partial<Pick<Saved, (typeof NAMES)[number]>>;

export default function Company() {
  const { settings } = useTexts();
  const { data, error, loading, reload } = useData(CompanyDocument, {});
  return (
    <Page title={settings.company}>
      <SettingsTabs />
      {error && <Failure error={error} onRetry={reload} />}
      {loading && <Skeleton lines={3} />}
      {data && <Form saved={data.settings} onReload={reload} />}
    </Page>
  );
}

function Form({ saved, onReload }: { saved: Saved; onReload(): void }) {
  const { audit, common, settings } = useTexts();
  const [entered, setEntered] = useState<Entered>({});
  /** What was saved when somebody else changed it. */
  const [before, setBefore] = useState<Saved>();
  const { run, pending, problems, problemOf, refusals, reset } = useAction(UpdateCompany, ['companyName', 'timeZone']);
  const changes: Entered = Object.fromEntries(
    NAMES.filter((name) => name in entered && entered[name] !== saved[name]).map((name) => [name, entered[name]]),
  );
  const changed = Object.keys(changes).length > 0;
  const enter = (part: Entered) => setEntered({ ...entered, ...part });
  const { companyName, timeZone, showDismissedEmployees } = { ...saved, ...entered };

  const conflict = hasChanged({ refusals });
  useEffect(() => {
    if (!conflict) return;
    setBefore(saved);
    reset();
    onReload();
  }, [conflict]);
  const save = async () => {
    const name = changes.companyName === undefined ? {} : { companyName: changes.companyName?.trim() || null };
    if (!(await run({ input: { ...changes, ...name, expectedRevision: saved.revision } }))) return;
    setEntered({});
    setBefore(undefined);
    onReload();
    tell(common.saved);
  };
  const words = (value: Saved[(typeof NAMES)[number]]) =>
    typeof value === 'boolean' ? (value ? audit.yes : audit.no) : (value ?? common.none);
  return (
    <form
      className="settings-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <Panel title={settings.aboutCompany}>
        <div className="settings-form">
          <Field
            label={settings.companyName}
            hint={settings.companyNameHint}
            optional
            value={companyName ?? ''}
            onChange={(name) => enter({ companyName: name || null })}
            maxLength={200}
            autoComplete="organization"
            error={problemOf('companyName')}
          />
          <Select
            label={settings.timeZone}
            hint={settings.timeZoneHint}
            value={timeZone ?? ''}
            onChange={(zone) => enter({ timeZone: zone || null })}
            options={[
              { value: '', label: settings.noTimeZone },
              ...zones(timeZone ?? 'UTC').map((zone) => ({ value: zone, label: zone })),
            ]}
            error={problemOf('timeZone')}
          />
        </div>
      </Panel>
      <Panel title={settings.visibility}>
        <Checkbox
          label={settings.showDismissed}
          hint={settings.showDismissedHint}
          checked={showDismissedEmployees}
          onChange={(shown) => enter({ showDismissedEmployees: shown })}
        />
      </Panel>
      <Problems of={problems} />
      {before && (
        <Meanwhile
          changes={NAMES.filter((name) => before[name] !== saved[name]).map(
            (name) => `${audit.fields[name]}: ${words(saved[name])}`,
          )}
        />
      )}
      <div className="actions">
        {changed && <Button onPress={() => setEntered({})}>{settings.discard}</Button>}
        <Button look="primary" submit pending={pending} disabled={!changed}>
          {common.save}
        </Button>
      </div>
    </form>
  );
}
