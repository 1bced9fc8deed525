import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './App';
import './app.css';
import { watchBuild } from './lib/build';
import { startTheme } from './lib/theme';
import { startSession } from './session';
import { startLanguage } from './texts';

startTheme();
watchBuild();
const restored = startSession();
await startLanguage();
// Until the session is restored nothing is shown, not even a form that would be replaced at once.
await restored;
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
