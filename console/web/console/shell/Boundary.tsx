import { Component, type ReactNode } from 'react';
import { MissingPart, stale } from '../lib/build';
import { Alert } from '../kit/Alert';
import { Button } from '../kit/Button';
import { useTexts } from '../texts';

interface Props {
  children: ReactNode;
  /** Another one is another chance: a page that broke is not in the way of the next. */
  at?: string;
}

/** What is shown instead of a page that has broken. */
export class Boundary extends Component<Props, { cause: unknown }> {
  override state: { cause: unknown } = { cause: undefined };

  static getDerivedStateFromError(cause: unknown) {
    return { cause };
  }

  override componentDidUpdate(before: Props) {
    if (before.at !== this.props.at && this.state.cause !== undefined) this.setState({ cause: undefined });
  }

  override render() {
    const { cause } = this.state;
    if (cause === undefined) return this.props.children;
    return <Broken cause={cause} />;
  }
}

function Broken({ cause }: { cause: unknown }) {
  const texts = useTexts();
  const gone = cause instanceof MissingPart;
  return (
    <main id="main" tabIndex={-1}>
      <h1>{texts.shell.broken}</h1>
      <Alert
        tone="bad"
        action={
          <Button look="primary" onPress={() => location.reload()}>
            {texts.shell.reload}
          </Button>
        }
      >
        {gone ? (stale.get() ? texts.shell.staleChunk : texts.errors.offline) : texts.errors.unknown}
      </Alert>
    </main>
  );
}
