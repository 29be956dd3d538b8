import type { ReactNode } from 'react';
import { Tabs as AriaTabs, Tab, TabList, TabPanel } from 'react-aria-components';

export interface TabItem {
  id: string;
  label: string;
  content: ReactNode;
}

const TAB =
  '-mb-px flex h-8 shrink-0 items-center border-b-2 border-transparent text-muted outline-none data-focus-visible:focus-ring data-hovered:text-ink data-selected:border-accent data-selected:font-medium data-selected:text-ink';

export function Tabs({ label, tabs }: { label: string; tabs: readonly TabItem[] }) {
  return (
    <AriaTabs className="flex flex-col gap-3">
      <TabList aria-label={label} className="flex flex-wrap gap-x-4 border-b border-line">
        {tabs.map((tab) => (
          <Tab key={tab.id} id={tab.id} className={TAB}>
            {tab.label}
          </Tab>
        ))}
      </TabList>
      {tabs.map((tab) => (
        <TabPanel key={tab.id} id={tab.id} className="flex flex-col gap-3 outline-none data-focus-visible:focus-ring">
          {tab.content}
        </TabPanel>
      ))}
    </AriaTabs>
  );
}

/** The parts of a record's detail, each loaded when it is looked at. */
export function DetailTabs({ label, tabs }: { label: string; tabs: readonly TabItem[] }) {
  return (
    <AriaTabs className="flex flex-col">
      <TabList aria-label={label} className="flex flex-wrap gap-x-5 px-6">
        {tabs.map((tab) => (
          <Tab key={tab.id} id={tab.id} className={TAB}>
            {tab.label}
          </Tab>
        ))}
      </TabList>
      {tabs.map((tab) => (
        <TabPanel key={tab.id} id={tab.id} className="outline-none data-focus-visible:focus-ring">
          {tab.content}
        </TabPanel>
      ))}
    </AriaTabs>
  );
}
