import { Button } from '../kit/Button';
import { Dialog } from '../kit/Dialog';
import { type Person, leave } from '../session';
import { useTexts } from '../texts';
import { Providers } from './Providers';
import { SignInForm } from './SignIn';

/** The session has ended while somebody was at work: their page waits behind this. */
export default function SignInOver({ person }: { person: Person }) {
  const words = useTexts().shell.signIn;
  return (
    <Dialog title={words.title} isOpen stubborn onClose={() => {}}>
      <p>{words.endedOver}</p>
      <SignInForm email={person.email} />
      <Providers newTab />
      <Button look="link" wide onPress={leave}>
        {words.asSomebodyElse}
      </Button>
    </Dialog>
  );
}
