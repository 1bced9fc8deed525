import { graphql } from '../graphql';
import { useAction } from '../lib/useAction';
import { useTexts } from '../texts';
import { SetPassword } from './account/SetPassword';

const Accept = graphql(`
  mutation AcceptInvitation($input: AcceptInvitationInput!) {
    acceptInvitation(input: $input) {
      accessToken
      user {
        id
        email
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`);

/** For whoever got an invitation: its token is in the fragment of the address. */
export default function Invitation() {
  const words = useTexts().account;
  const accept = useAction(Accept, ['password']);
  return (
    <SetPassword
      title={words.invitation}
      text={words.invitationText}
      submit={words.acceptInvitation}
      action={accept}
      run={(input) => accept.run({ input })}
    />
  );
}
