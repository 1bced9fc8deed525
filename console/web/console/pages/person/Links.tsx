import { type ReactNode, useState } from 'react';
import { graphql } from '../../graphql';
import { Confirm } from '../../kit/Confirm';
import { SecretDialog } from '../../kit/SecretDialog';
import { tell } from '../../kit/Status';
import { useAction } from '../../lib/useAction';
import { useTexts } from '../../texts';
import { invitationLink, passwordLink } from '../account/link';

const Renew = graphql(`
  mutation RenewInvitation($input: RenewInvitationInput!) {
    renewInvitation(input: $input) {
      invitationToken
      userErrors {
        code
        message
        field
      }
    }
  }
`);

const Withdraw = graphql(`
  mutation WithdrawInvitation($input: WithdrawInvitationInput!) {
    withdrawInvitation(input: $input) {
      user {
        id
        status
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`);

const IssuePassword = graphql(`
  mutation IssuePasswordReset($input: IssuePasswordResetInput!) {
    issuePasswordReset(input: $input) {
      token
      userErrors {
        code
        message
        field
      }
    }
  }
`);

interface Links {
  askPassword(): void;
  askWithdraw(): void;
  renew(): void;
  problems: string[];
  dialogs: ReactNode;
}

/** Links that are shown once, to be passed on: for a new password, and a new one for an invitation. */
export function useLinks({ id, name }: { id: string; name: string }, onChange: () => void): Links {
  const words = useTexts().person;
  const [asked, setAsked] = useState<'password' | 'withdraw'>();
  const [secret, setSecret] = useState<{ title: string; label: string; link: string } | null>(null);
  const renewal = useAction(Renew);
  const withdrawal = useAction(Withdraw);
  const password = useAction(IssuePassword);

  const close = () => {
    withdrawal.reset();
    password.reset();
    setAsked(undefined);
  };
  const renew = async () => {
    const token = (await renewal.run({ input: { userId: id } }))?.invitationToken;
    if (token) setSecret({ title: words.invitationOf(name), label: words.invitationLink, link: invitationLink(token) });
  };
  const withdraw = async () => {
    if (!(await withdrawal.run({ input: { userId: id } }))) return;
    tell(words.withdrawn(name));
    setAsked(undefined);
    onChange();
  };
  const issue = async () => {
    const token = (await password.run({ input: { userId: id } }))?.token;
    if (!token) return;
    setAsked(undefined);
    setSecret({ title: words.passwordOf(name), label: words.passwordLink, link: passwordLink(token) });
  };
  return {
    askPassword: () => setAsked('password'),
    askWithdraw: () => setAsked('withdraw'),
    renew: () => void renew(),
    problems: renewal.problems,
    dialogs: (
      <>
        <Confirm
          title={words.issueTitle(name)}
          isOpen={asked === 'password'}
          onClose={close}
          action={words.issue}
          onConfirm={() => void issue()}
          pending={password.pending}
          problems={password.problems}
        >
          <p>{words.issueText}</p>
        </Confirm>
        <Confirm
          title={words.withdrawTitle(name)}
          isOpen={asked === 'withdraw'}
          onClose={close}
          action={words.withdraw}
          danger
          onConfirm={() => void withdraw()}
          pending={withdrawal.pending}
          problems={withdrawal.problems}
        >
          <p>{words.withdrawText}</p>
        </Confirm>
        <SecretDialog
          title={secret?.title ?? ''}
          label={secret?.label ?? ''}
          secret={secret?.link ?? null}
          onClose={() => setSecret(null)}
        />
      </>
    ),
  };
}
