#include <string.h>

#include "base/fs.h"
#include "base/path.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/rows.h"
#include "sync/verbs.h"

static void projects_json(Call *call, const ProjectInfos *projects)
{
    JsonWriter json = out_json_begin(call->output);
    json_key(&json, "projects");
    json_begin_array(&json);
    for (size_t i = 0; i < projects->count; i++) {
        const ProjectInfo *project = &projects->items[i];
        json_begin_object(&json);
        json_member_bytes(&json, "path", str_of(project->path));
        json_member_bytes(&json, "name", str_of(project->name));
        json_member_bool(&json, "reachable", project->reachable);
        json_member_integer(&json, "deployments", (int64_t)project->deployments);
        json_end_object(&json);
    }
    json_end_array(&json);
    json_member_text(&json, "trace_id", out_trace_id(call->output));
    out_json_end(call->output, &json);
}

static void projects_text(Call *call, const ProjectInfos *projects)
{
    Arena *arena = call->arena;
    Rows rows = {0};
    out_line(call->output, "%s.",
             text_count(arena, projects->count, "known project", "known projects"));
    for (size_t i = 0; i < projects->count; i++) {
        const ProjectInfo *project = &projects->items[i];
        ARRAY_PUSH(arena, &rows,
                   ROW({text_safe(arena, str_of(project->name)), INK_STRONG},
                       {project->reachable
                            ? text_count(arena, project->deployments, "deployment", "deployments")
                            : "not reachable",
                        project->reachable ? INK_NONE : INK_BAD},
                       {text_safe(arena, str_of(project->path)), INK_FAINT}));
    }
    rows_print(call->output, &rows, "  ");
    out_next(call->output, projects->count ? "weir drift --check-all" : "weir project add .");
}

static bool show_projects(Call *call, Error *err)
{
    ProjectInfos projects = {0};
    if (!project_list(&call->app->workspace, &projects, err))
        return false;
    if (call->output->options.json)
        projects_json(call, &projects);
    else
        projects_text(call, &projects);
    return true;
}

/* By the path on record; a link to it is as good. */
static bool forget(Call *call, const char **path, Error *err)
{
    char *real = NULL;
    Error unreal;
    Workspace *ws = &call->app->workspace;
    if (project_forget(ws, *path, err))
        return true;
    if (err->code == ERR_NOT_FOUND && fs_real_path(call->arena, *path, &real, &unreal) &&
        strcmp(real, *path) != 0 && project_forget(ws, real, err)) {
        *path = real;
        return true;
    }
    return err->code == ERR_NOT_FOUND && fail_hint(err, "weir project list");
}

static bool change_projects(Call *call, bool add, Error *err)
{
    const char *path = path_absolute(call->arena, call->cwd, call_operand(call, 1));
    if (add ? !project_add(&call->app->workspace, path, err) : !forget(call, &path, err))
        return false;
    if (call->output->options.json)
        return show_projects(call, err);
    out_line(call->output, add ? "%s is a known project now." : "%s is forgotten. Its files stay.",
             text_safe(call->arena, str_of(path)));
    out_next(call->output, "weir project list");
    return true;
}

static bool check_project(const Call *call, Error *err)
{
    const char *act = call_operand(call, 0), *folder = call_operand(call, 1);
    if (!act || (strcmp(act, "list") == 0 && !folder))
        return true;
    if (strcmp(act, "add") != 0 && strcmp(act, "forget") != 0)
        return fail(err, ERR_USAGE, "'weir project' knows list, add DIR and forget DIR");
    return folder || fail(err, ERR_USAGE, "'weir project %s' needs a folder", act);
}

static bool run_project(Call *call, Error *err)
{
    if (!call_operand(call, 1))
        return show_projects(call, err);
    return change_projects(call, strcmp(call_operand(call, 0), "add") == 0, err);
}

const Command command_project = {
    .name = "project",
    .summary = "the projects that weir knows",
    .usage = (const char *const[]){"list [--json]", "add DIR", "forget DIR", NULL},
    .about = "A first deploy makes a project known. Forgetting one touches none of its files.",
    .examples = (const char *const[]){"weir project list", "weir project add .", NULL},
    .max_operands = 2,
    .needs = NEEDS_COLLECTION,
    .check = check_project,
    .run = run_project,
};
