import { useState } from 'react';
import { Radios } from '../../kit/Choices';
import { type Texts, useTexts } from '../../texts';

type Provider = keyof Texts['directories']['steps'];

/** What to do at the identity provider; the name of the directory tells which one it is likely to be. */
export function Setup({ name }: { name: string }) {
  const { directories: words } = useTexts();
  const providers = Object.keys(words.steps) as Provider[];
  const likely = providers.find((one) => name.toLowerCase().includes(one.slice(0, 4).toLowerCase()));
  const [chosen, setChosen] = useState<Provider>();
  const provider = chosen ?? likely ?? 'Okta';
  return (
    <>
      <Radios
        label={words.provider}
        hideLabel
        segments
        value={provider}
        onChange={(next) => setChosen(next)}
        options={providers.map((value) => ({ value, label: value }))}
      />
      <ol className="steps-to-do">
        {words.steps[provider].map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
    </>
  );
}
