import { createServer } from 'node:http'
import { createChildren } from '@/dev/child-process'
import { startHaproxy } from './start-haproxy'
const children = createChildren()
const hosts: { name: string; port: number }[] = []
for (const name of ['a', 'b', 'c']) {
  const port = 4210 + hosts.length
  createServer((q, r) => {
    let n=0
    q.on('data', c=>n+=c.length); q.on('close',()=>{ if(!r.writableEnded) console.log('aborted', q.url)})
    q.on('end', () => {
      if (q.url === '/slow') return
      if (q.url === '/broken') return q.socket.destroy()
      r.setHeader('x-served-by', name)
      if (q.url === '/_next/static/x' && name !== 'c') { r.statusCode = 404 }
      if (q.url?.startsWith('/_next/static/none')) { r.statusCode = 404 }
      r.end(name + ' ' +q.method+' '+ JSON.stringify(q.headers)+n+'\n')
    })
  }).listen(port, '127.0.0.1')
  hosts.push({ name, port })
}
const h = await startHaproxy({ port: 4200, hosts, children, onLine: (l, f) => console.log(f, l), env: { CROPS_PER_MINUTE: '3' } })
console.log('up', h.pid, process.pid, await h.hostStates())
process.on('SIGUSR1', () => h.reload().then(() => console.log('reloaded')))
process.on('SIGINT', () => h.close().then(() => process.exit()))
