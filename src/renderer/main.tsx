import './setup.ts';
import './ui/tokens.css';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { refreshStatus, startLive } from './api/live.ts';
import { watchStatus } from './api/watch-status.ts';
import { App } from './app.tsx';
import { refuseStrayDrops } from './lib/refuse-stray-drops.ts';
import { startRouter } from './lib/router.ts';
import { startTheme } from './lib/theme.ts';

const queries = new QueryClient({
  defaultOptions: {
    // The daemon says when something changed; a failed call is shown, not hidden behind retries.
    queries: { retry: false, staleTime: Number.POSITIVE_INFINITY, refetchOnWindowFocus: false },
    mutations: { retry: false },
  },
});

startTheme();
startRouter();
refuseStrayDrops();
startLive(queries);
watchStatus(queries);
void refreshStatus(queries);

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no element with the id root');
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <App />
    </QueryClientProvider>
  </StrictMode>,
);
