// A dev server with no configuration; prints its address.
import { createServer } from 'vite'

const server = await createServer({ server: { host: '127.0.0.1', port: 20000 + (process.pid % 20000) }, logLevel: 'error' })
await server.listen()
console.log(server.resolvedUrls.local[0])
