import { graphql } from '../graphql';
import { useAction } from '../lib/useAction';
import { useTexts } from '../texts';
import { SetPassword } from './account/SetPassword';

const Reset = graphql(`
  mutation ResetPassword($input: ResetPasswordInput!) {
    resetPassword(input: $input) {
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

/** For whoever got a link for a new password: its token is in the fragment of the address. */
export default function NewPassword() {
  const words = useTexts().account;
  const reset = useAction(Reset, ['password']);
  return (
    <SetPassword
      title={words.newPassword}
      text={words.newPasswordText}
      submit={words.setPassword}
      action={reset}
      run={(input) => reset.run({ input })}
    />
  );
}
