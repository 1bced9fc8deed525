import { type FormEvent, useState } from 'react';
import { useLocation } from 'wouter';
import { graphql } from '../graphql';
import { Problems } from '../kit/Alert';
import { Button, LinkButton } from '../kit/Button';
import { Page, Panel } from '../kit/Page';
import { SecretDialog } from '../kit/SecretDialog';
import { tell } from '../kit/Status';
import { useAction } from '../lib/useAction';
import { useFocusProblem } from '../lib/useFocusProblem';
import { useTexts } from '../texts';
import { invitationLink } from './account/link';
import { PERSON_FIELDS, PersonFields, type PersonValues } from './person/Fields';

const InviteDocument = graphql(`
  mutation InviteUser($input: InviteUserInput!) {
    inviteUser(input: $input) {
      user {
        id
        name
        status
      }
      invitationToken
      userErrors {
        code
        message
        field
      }
    }
  }
`);

const EMPTY: PersonValues = {
  email: '',
  givenName: '',
  familyName: '',
  position: '',
  departmentId: '',
  role: 'EMPLOYEE',
};

export default function Invite() {
  const texts = useTexts();
  const words = texts.person;
  const [, go] = useLocation();
  const [values, setValues] = useState(EMPTY);
  const [invited, setInvited] = useState<{ id: string; name: string; link: string }>();
  const invite = useAction(InviteDocument, PERSON_FIELDS);
  const form = useFocusProblem(invite.refusals);

  const send = async (event: FormEvent) => {
    event.preventDefault();
    const { email, role } = values;
    const entered = (text: string) => text.trim() || null;
    const payload = await invite.run({
      input: {
        email: email.trim(),
        role,
        givenName: entered(values.givenName),
        familyName: entered(values.familyName),
        position: entered(values.position),
        departmentId: values.departmentId || null,
      },
    });
    if (!payload?.user || !payload.invitationToken) return;
    setInvited({ id: payload.user.id, name: payload.user.name, link: invitationLink(payload.invitationToken) });
  };
  const leave = () => {
    if (!invited) return;
    tell(words.invited(invited.name));
    go(`/people/${invited.id}`);
  };
  return (
    <Page title={words.inviteTitle} above={{ href: '/people', label: texts.people.title }}>
      <Panel>
        <p className="note">{words.inviteText}</p>
        <form ref={form} className="form" onSubmit={(event) => void send(event)}>
          <PersonFields values={values} onChange={setValues} problemOf={invite.problemOf} />
          <Problems of={invite.problems} />
          <div className="actions">
            <LinkButton href="/people">{texts.common.cancel}</LinkButton>
            <Button submit look="primary" pending={invite.pending}>
              {words.createInvitation}
            </Button>
          </div>
        </form>
      </Panel>
      <SecretDialog
        title={words.invitationOf(invited?.name ?? '')}
        label={words.invitationLink}
        secret={invited?.link ?? null}
        onClose={leave}
      />
    </Page>
  );
}
