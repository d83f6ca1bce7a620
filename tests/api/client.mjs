// client.mjs DOCUMENT CLIENT ADDRESS ATLAS BETA: calls every operation of DOCUMENT by the client that was generated from
// it and compiled to CLIENT, against the daemon at ADDRESS, whose token is WEIR_TOKEN. In the project ATLAS a merge is
// about to clash; BETA is empty. An operation that was not called fails the test, and so does an undeclared status.
import assert from 'node:assert'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'

const [documentFile, clientFile, address, atlas, beta] = process.argv.slice(2)
const document = JSON.parse(readFileSync(documentFile, 'utf8'))
const api = createRequire(import.meta.url)(clientFile)
api.OpenAPI.BASE = address
api.OpenAPI.TOKEN = process.env.WEIR_TOKEN

// ---- what was called, seen at the wire

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
        method: method.toUpperCase(),
        path,
        form: new RegExp(`^${path.replace(/\./g, '\\.').replace(/\{[^}]*\}/g, '[^/]+')}$`),
        ...operation,
    })))
const called = new Set()
let streams = () => {}
const send = globalThis.fetch
globalThis.fetch = async (url, options) => {
    const path = new URL(url).pathname
    const fits = operations.filter(one => one.method === options.method && one.form.test(path))
    const operation = fits.find(one => one.path === path) ?? fits[0]
    assert(operation, `${options.method} ${path} is no operation of the document`)
    const response = await send(url, options)
    assert(operation.responses[response.status] ?? operation.responses.default,
        `${operation.operationId} gives ${response.status}, which is not declared`)
    called.add(operation.operationId)
    if (response.headers.get('content-type') === 'text/event-stream')
        streams()
    return response
}

async function ended(ticket) {
    for (let i = 0; i < 300; i++) {
        const job = await api.JobsService.getSyncJob({ id: ticket.job_id })
        if (!['queued', 'running'].includes(job.state))
            return job
        await sleep(100)
    }
    assert.fail(`job ${ticket.job_id} does not end`)
}

async function succeeds(promise) {
    const job = await ended(await promise)
    assert.equal(job.state, 'success', JSON.stringify(job.error))
    return job
}

async function fails(promise, status, code) {
    const error = await promise.then(() => assert.fail(`${code} is expected`), reason => reason)
    assert.equal(error.status, status)
    assert.equal(error.body.error.code, code)
}

// ---- the tour

const id = 'skill:pdf'
const { ArtifactsService, ConflictsService, EventsService, HistoryService, JobsService, PatchesService } = api

assert.equal((await api.ServiceService.getHealth()).status, 'ok')
assert.match((await api.ServiceService.getReadiness()).status, /^(ready|degraded)$/)
assert.match(await api.ServiceService.getMetrics(), /^weir_jobs{state="queued"} 0$/m)
assert.deepEqual(Object.keys((await api.ServiceService.getOpenApi()).paths), Object.keys(document.paths))
assert.equal((await ArtifactsService.listArtifacts({ limit: 10 })).items[0].id, id)
assert.equal((await ArtifactsService.getArtifact({ id })).id, id)
await fails(ArtifactsService.getArtifact({ id: 'skill:none' }), 404, 'NOT_FOUND')

await succeeds(JobsService.checkUpstreams({}))
await succeeds(JobsService.checkDrift({ requestBody: { check_upstream: true } }))
await succeeds(ArtifactsService.updateAll({ requestBody: { dry_run: true } }))
await succeeds(ArtifactsService.batchSync({ requestBody: { direction: 'upstream_to_collection', artifacts: [id] } }))
await succeeds(JobsService.createSyncJob({
    idempotencyKey: 'one', requestBody: { direction: 'upstream_to_collection', dry_run: false } }))
const deploy = { project_path: beta, dry_run: false }
await succeeds(ArtifactsService.deployArtifact({ id, requestBody: deploy }))

const clash = await ended(await ArtifactsService.syncArtifact({
    id, requestBody: { direction: 'collection_to_project', project_path: atlas, dry_run: false } }))
assert.equal(clash.state, 'conflict')
const [waits] = (await ConflictsService.listConflicts()).items
const [place] = (await ConflictsService.getConflict({ id: waits.id })).places
const chosen = await ConflictsService.addConflictChoices({
    id: waits.id, requestBody: { choices: [{ file: place.path, place: place.key, take: 'both' }] } })
assert(chosen.finished)
await succeeds(JobsService.resolveConflicts({ requestBody: { job_id: clash.id } }))
assert.equal((await ConflictsService.listConflicts()).items.length, 1)
await succeeds(ArtifactsService.resolveArtifact({ id, requestBody: { project_path: atlas, dry_run: false } }))
assert.equal((await ConflictsService.listConflicts()).items.length, 0)

assert.equal((await api.ProjectsService.listProjects()).items.length, 2)
assert((await ArtifactsService.getArtifactVersions({ id })).total > 1)
const versions = (await ArtifactsService.getArtifactHistory({ id })).items
assert.equal((await ArtifactsService.getArtifactDrift({ id, project: atlas })).items.length > 0, true)
assert((await ArtifactsService.getDrift({})).summary)
assert.match((await ArtifactsService.getArtifactWhy({ id, project: atlas })).edges[0].sentence, /\.$/)
const sides = { id, lhs: 'collection', rhs: 'project', project: atlas }
assert.equal((await ArtifactsService.getArtifactDiff(sides)).summary.files, 1)
assert.match(await ArtifactsService.getArtifactPatch(sides), /^diff --git /)
assert.match(await ArtifactsService.getArtifactFile({ id, path: 'SKILL.md' }), /^# PDF\n/)

const patch = await succeeds(PatchesService.createPatch({
    requestBody: { artifacts: [id], project_path: atlas, format: 'patch' } }))
assert.match(await PatchesService.downloadPatch({ id: patch.id }), /^Subject: /m)

await succeeds(ArtifactsService.rollbackArtifact({
    id, requestBody: { to: versions[versions.length - 1].hash, dry_run: false } }))
await succeeds(HistoryService.undoOperation({ requestBody: { dry_run: false } }))
const lately = (await HistoryService.listOperations({ limit: 3 })).items
assert.equal(lately.length, 3)
assert((await HistoryService.getOperation({ id: lately[0].id })).changes.length > 0)
assert.equal((await api.ProjectsService.forgetProject({ requestBody: { path: beta } })).items.length, 1)
assert.equal((await api.ProjectsService.addProject({ requestBody: { path: beta } })).items.length, 2)
assert.equal((await api.ServiceService.getConfig()).settings.find(one => one.name === 'offline').value, false)

const { source } = await ArtifactsService.getArtifact({ id })
await succeeds(ArtifactsService.addArtifacts({
    requestBody: { source, path: 'skills/pdf', name: 'twin', dry_run: false } }))
const twin = { artifacts: ['skill:twin'], dry_run: false }
await succeeds(ArtifactsService.batchDeploy({ requestBody: { ...twin, project_path: beta, base_pack: 'write' } }))
await succeeds(ArtifactsService.batchPin({ requestBody: { ...twin, pin: 'main' } }))
await succeeds(ArtifactsService.pinArtifact({ id: 'twin', requestBody: { pin: 'latest', dry_run: false } }))
await succeeds(ArtifactsService.batchLock({ requestBody: { ...twin, reason: 'release', for_seconds: 60 } }))
assert.equal((await ArtifactsService.listLocks()).items[0].reason, 'release')
await succeeds(ArtifactsService.batchUnlock({ requestBody: twin }))
await succeeds(ArtifactsService.lockArtifact({ id: 'twin', requestBody: { dry_run: false } }))
await succeeds(ArtifactsService.unlockArtifact({ id: 'twin', requestBody: { dry_run: false } }))
assert.equal((await ArtifactsService.listLocks()).items.length, 0)
await succeeds(ArtifactsService.undeployArtifact({ id: 'skill:twin', requestBody: { project_path: beta, dry_run: false } }))
await succeeds(ArtifactsService.batchUndeploy({ requestBody: { project_path: beta, all: true, dry_run: false } }))
await succeeds(ArtifactsService.removeArtifact({ id: 'twin', requestBody: {} }))
await succeeds(ArtifactsService.batchRemove({ requestBody: twin }))
const freed = await succeeds(api.ServiceService.collectGarbage({ requestBody: { older_than_days: 30, dry_run: false } }))
assert(freed.result.kept > 0)

assert((await JobsService.listSyncJobs({ limit: 5, state: 'success' })).items.length === 5)
await fails(JobsService.cancelSyncJob({ id: clash.id }), 409, 'JOB_FINAL')
const events = EventsService.streamEvents({ kinds: ['job.*', 'operation.applied'], after: 0 })
await new Promise(resolve => {
    streams = resolve
})
events.catch(() => {})
events.cancel()

const missed = operations.map(one => one.operationId).filter(name => !called.has(name))
assert.deepEqual(missed, [], 'operations that were not called')
console.log(`${called.size} operations called`)
