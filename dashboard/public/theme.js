// Applies the stored theme before the first paint, so that the page never flashes in the wrong one.
try {
  const stored = localStorage.getItem('oriel.theme')
  if (stored === 'dark' || stored === 'light') document.documentElement.dataset.theme = stored
} catch {
  // Storage may be forbidden: then the theme follows the system.
}
