/* Which artifacts and projects a request means: ids, bare names, all; known projects that hold one. */
#pragma once

#include "sync/draft.h"
#include "sync/upstream.h"
#include "sync/verbs.h"

/* Is `given`, an id or a bare name, a name of that artifact? */
bool artifact_is_named(Str artifact, Str given);

StrArray artifact_ids(Arena *arena, const ArtifactList *artifacts);

/* The artifacts of the collection that `request` names, in the collection's order. */
MUST_CHECK bool select_artifacts(const Collection *collection, const ArtifactRequest *request,
                                 Arena *arena, ArtifactList *out, Error *err);

/* The same, of the batch that `draft` plans. */
MUST_CHECK bool select_batch(Draft *draft, const ArtifactRequest *request, ArtifactList *out,
                             Error *err);

/* Project paths: the one given, else all known ones. */
MUST_CHECK bool select_projects(Workspace *ws, const char *project, StrArray *out, Error *err);

/* Deployments of a project that belong to this collection and are meant. Names that are in no tier are
 * found by the callers. */
bool request_means(const ArtifactRequest *request, Str artifact);

/* Is it deployed from the collection at hand? */
bool deployment_belongs(const Workspace *ws, const Deployment *deployment);

/* The id that `name` (an id or a bare name) means among a project's deployments; empty: none. */
Str deployment_id(const Deployments *deployments, Str name);

/* Asks the upstreams of the artifacts that are meant, holding no lock meanwhile: id → UpstreamState. */
MUST_CHECK bool ask_upstreams(Workspace *ws, const ArtifactRequest *request, Map **out, Error *err);

/* The same, but the network is asked only for those whose upstream was not seen yet. */
MUST_CHECK bool ask_unseen_upstreams(Workspace *ws, const ArtifactRequest *request, Map **out,
                                     Error *err);

/* States in the order of `artifacts`: what was asked, where the record is still the one it was asked for,
 * else what was last seen. `asked` may be NULL. */
MUST_CHECK bool states_of(Workspace *ws, const ArtifactList *artifacts, const Map *asked,
                          UpstreamState **out, Error *err);
