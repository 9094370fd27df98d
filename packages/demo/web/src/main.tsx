import { render } from 'preact'
import { App } from './app.tsx'
import './styles.css'
import { applyTheme } from './theme.ts'

applyTheme()
// In a task of its own: together with the start of the code and the end of the document it would keep the browser from answering for too long.
setTimeout(() => render(<App />, document.getElementById('app')!))

// Keeps the page and both models for use without network. The browser may refuse (private windows): the page works all the same.
if (import.meta.env.PROD && 'serviceWorker' in navigator) {
  window.addEventListener('load', () => {
    void navigator.serviceWorker.register(new URL('./sw.js', document.baseURI), { scope: './' }).catch(() => undefined)
  })
}
