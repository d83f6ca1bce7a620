#include "sync/plan.h"

const char *const item_result_names[5] = {"up_to_date", "fast_forward", "merged", "conflict",
                                          "error"};

ItemResult plan_result(const Plan *plan)
{
    ItemResult worst = RESULT_UP_TO_DATE;
    for (size_t i = 0; i < plan->items.count; i++) {
        ItemResult result = plan->items.items[i].result;
        if (result != RESULT_ERROR && result > worst)
            worst = result;
    }
    return worst;
}

size_t plan_count(const Plan *plan, ItemResult result)
{
    size_t count = 0;
    for (size_t i = 0; i < plan->items.count; i++)
        count += plan->items.items[i].result == result;
    return count;
}
