// What is going on with the page as a whole, above every page.

import { useEffect, useState, useSyncExternalStore } from 'react';
import { Button } from '../kit/Button';
import { stale } from '../lib/build';
import { useStore } from '../lib/listeners';
import { useSession } from '../session';
import { useTexts } from '../texts';
import { heldUntil } from '../transport';

function subscribe(listener: () => void): () => void {
  addEventListener('online', listener);
  addEventListener('offline', listener);
  return () => {
    removeEventListener('online', listener);
    removeEventListener('offline', listener);
  };
}

/** Whether there is a connection: what writes is disabled without one. */
export const useOnline = (): boolean => useSyncExternalStore(subscribe, () => navigator.onLine);

export function Banners() {
  const { shell } = useTexts();
  const online = useOnline();
  const outdated = useStore(stale);
  const session = useSession();
  return (
    <div className="banners">
      <div role="status">
        {!online && <p className="banner">{shell.offline}</p>}
        {session.state === 'in' && session.replaced && (
          <p className="banner">{shell.somebodyElse(session.user.name)}</p>
        )}
        {outdated && <p className="banner">{shell.stale}</p>}
      </div>
      {outdated && <Button onPress={() => location.reload()}>{shell.reload}</Button>}
      <Held />
    </div>
  );
}

/** Too many requests: when it goes on. */
function Held() {
  const { errors } = useTexts();
  const until = useStore(heldUntil);
  const [, setTick] = useState(0);
  useEffect(() => {
    if (until === null) return;
    const timer = setInterval(() => setTick((tick) => tick + 1), 1_000);
    return () => clearInterval(timer);
  }, [until]);
  if (until === null) return null;
  return (
    // A timer: read out when asked for, not each second.
    <p className="banner" role="timer">
      {errors.rateLimited(Math.max(Math.ceil((until - Date.now()) / 1_000), 1))}
    </p>
  );
}
