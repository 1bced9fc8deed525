import { Suspense, useEffect } from 'react';
import { useSubscription } from 'urql';
import { Redirect, Route, Switch, useLocation } from 'wouter';
import { graphql } from '../graphql';
import { Failure } from '../kit/Alert';
import { Skeleton } from '../kit/Placeholder';
import { StatusRegion } from '../kit/Status';
import { useData } from '../lib/useData';
import { type Route as RouteOf, ROUTES } from '../routes';
import { leave } from '../session';
import { useTexts } from '../texts';
import { type Viewer, ViewerDocument, ViewerProvider, useViewer, viewerOf } from '../viewer';
import { Banners } from './Banners';
import { Boundary } from './Boundary';
import { Keys } from './Keys';
import { Navigation } from './Navigation';
import { Forbidden, NotFound } from './Nowhere';

const StatusChanged = graphql(`
  subscription StatusChanged {
    userStatusChanged {
      id
      name
      status
      dismissed
      dismissal {
        id
        state
        effectiveAt
      }
    }
  }
`);

export function Shell() {
  const { data, error, reload } = useData(ViewerDocument, {});
  const viewer = data && viewerOf(data);
  if (viewer) {
    return (
      <ViewerProvider value={viewer}>
        <Frame viewer={viewer} />
      </ViewerProvider>
    );
  }
  return <main className="lone">{error ? <Failure error={error} onRetry={reload} /> : <Skeleton lines={3} />}</main>;
}

function Frame({ viewer }: { viewer: Viewer }) {
  const texts = useTexts();
  const [path] = useLocation();
  // Every list that shows a person follows; whoever is dismissed themselves is shown out.
  const [status] = useSubscription({ query: StatusChanged });
  const changed = status.data?.userStatusChanged;
  useEffect(() => {
    if (changed?.id === viewer.user.id && changed.dismissed) leave();
  }, [changed, viewer.user.id]);
  return (
    <div className="shell">
      <a className="skip" href="#main">
        {texts.shell.skip}
      </a>
      <Navigation />
      <div className="body">
        <Banners />
        <Boundary at={path}>
          <Suspense fallback={<Loading />}>
            <Switch>
              {ROUTES.map((route) => (
                <Route key={route.path} path={route.path}>
                  {(params: Record<string, string | undefined>) => (
                    <Guarded key={params['id']} route={route} params={params} />
                  )}
                </Route>
              ))}
              <Route>
                <NotFound />
              </Route>
            </Switch>
          </Suspense>
        </Boundary>
        <StatusRegion />
      </div>
      <Keys />
    </div>
  );
}

function Loading() {
  return (
    <main id="main" tabIndex={-1}>
      <Skeleton />
    </main>
  );
}

function Guarded({ route, params }: { route: RouteOf; params: Record<string, string | undefined> }) {
  const { may } = useViewer();
  if (route.path === '/' && !may('REASSIGN_WORK')) return <Redirect to="/me" replace />;
  if (route.needs && !may(route.needs)) return <Forbidden permission={route.needs} />;
  return <route.page {...params} />;
}
