// A production build with webpack's defaults, served as plain files; prints its address.
import { createReadStream, existsSync } from 'node:fs'
import { cp, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join } from 'node:path'
import webpack from 'webpack'

const types = { '.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm', '.json': 'application/json' }

const stats = await new Promise((resolve, reject) => {
  webpack({ mode: 'production', entry: './src/browser.js', context: process.cwd() }, (error, result) =>
    error ? reject(error) : resolve(result),
  )
})
if (stats.hasErrors()) throw new Error(stats.toString({ all: false, errors: true }))
await writeFile(
  'dist/index.html',
  '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><script defer src="main.js"></script>',
)
await cp('public', 'dist', { recursive: true })

const server = createServer((request, response) => {
  const path = join('dist', new URL(request.url, 'http://host').pathname.replace(/\/$/, '/index.html'))
  if (!existsSync(path)) return response.writeHead(404).end()
  response.writeHead(200, { 'content-type': types[extname(path)] ?? 'application/octet-stream' })
  createReadStream(path).pipe(response)
})
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/`))
