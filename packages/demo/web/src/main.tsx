import { render } from 'preact'
import { App } from './app.tsx'
import { keepForOffline } from './serviceWorker.ts'
import './styles.css'
import { applyTheme } from './theme.ts'

applyTheme()
// In a task of its own: together with the start of the code and the end of the document it would keep the browser from answering for too long.
setTimeout(() => render(<App />, document.getElementById('app')!))

// The browser may refuse (private windows): the page works all the same.
if (import.meta.env.PROD) window.addEventListener('load', () => void keepForOffline().catch(() => undefined))
