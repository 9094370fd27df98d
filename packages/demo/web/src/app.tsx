import { useEffect } from 'preact/hooks'
import { AboutView } from './about/aboutView.tsx'
import { dragging, useFileDrop } from './fileDrop.ts'
import { FilesView } from './files/filesView.tsx'
import { LiveView } from './live/liveView.tsx'
import { OwnModelNote } from './personal/ownModelNote.tsx'
import { PersonalView } from './personal/personalView.tsx'
import { MoonIcon, SunIcon } from './components/icons.tsx'
import { route, ROUTES, titleOf, type Route } from './route.ts'
import { theme, toggleTheme } from './theme.ts'

/** The whole page. */
export function App() {
  const current = route.value
  useFileDrop()
  useEffect(() => {
    document.title = titleOf(current)
    // A view begins at its top, wherever the one before was left.
    window.scrollTo(0, 0)
  }, [current])
  return (
    <>
      <a class="skip-link" href="#main" onClick={skipToMain}>
        Skip to content
      </a>
      <div class="page">
        <header class="header">
          <a class="brand" href="#files">
            <img src="./icon.svg" alt="" width="34" height="34" />
            emo
          </a>
          <nav class="tabs" aria-label="Views">
            {(Object.keys(ROUTES) as Route[]).map((name) => (
              <a key={name} href={`#${name}`} aria-current={name === current ? 'page' : undefined}>
                {ROUTES[name]}
              </a>
            ))}
          </nav>
          <button
            type="button"
            class="icon-button"
            onClick={toggleTheme}
            aria-label={theme.value === 'dark' ? 'Use light colours' : 'Use dark colours'}
          >
            {theme.value === 'dark' ? <SunIcon /> : <MoonIcon />}
          </button>
        </header>
        <OwnModelNote view={current} />
        <main id="main" tabIndex={-1}>
          {current === 'files' && <FilesView />}
          {current === 'live' && <LiveView />}
          {current === 'personal' && <PersonalView />}
          {current === 'about' && <AboutView />}
        </main>
        <footer class="footer">
          <span>Runs on this device. No recording, picture or answer leaves it.</span>
          <a href="#about">What it can and cannot know</a>
        </footer>
      </div>
      {dragging.value && current !== 'files' && <p class="drop-hint">Drop it here: the answer comes in Files</p>}
    </>
  )
}

/** The fragment is the view, so the skip link moves the focus itself. */
function skipToMain(event: Event): void {
  event.preventDefault()
  document.getElementById('main')?.focus()
}
