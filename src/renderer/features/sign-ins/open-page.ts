/** Opens an address in a tab of its own, or in the system browser; it learns nothing of this page. A browser may refuse: the link stays beside it. */
export function openPage(url: string): void {
  window.open(url, '_blank', 'noopener,noreferrer');
}
