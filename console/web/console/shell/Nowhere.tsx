import type { Permission } from '../graphql';
import { LinkButton } from '../kit/Button';
import { Page } from '../kit/Page';
import { EmptyState } from '../kit/Placeholder';
import { useTexts } from '../texts';

function ToStart() {
  return <LinkButton href="/">{useTexts().shell.toStart}</LinkButton>;
}

export function NotFound() {
  const { shell } = useTexts();
  return (
    <Page title={shell.notFound}>
      <EmptyState action={<ToStart />}>{shell.notFoundText}</EmptyState>
    </Page>
  );
}

export function Forbidden({ permission }: { permission: Permission }) {
  const { shell, enums } = useTexts();
  return (
    <Page title={shell.forbidden}>
      <EmptyState action={<ToStart />}>{shell.forbiddenText(enums.permission[permission])}</EmptyState>
    </Page>
  );
}
