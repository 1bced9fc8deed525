import { Redirect } from 'wouter';
import { Forbidden } from '../shell/Nowhere';
import { useViewer } from '../viewer';

/** The first part of the settings that the viewer may open. */
export default function Settings() {
  const { may } = useViewer();
  if (may('MANAGE_SETTINGS')) return <Redirect to="/settings/company" replace />;
  if (may('MANAGE_INTEGRATIONS')) return <Redirect to="/settings/integrations" replace />;
  return <Forbidden permission="MANAGE_SETTINGS" />;
}
