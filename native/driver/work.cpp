// The queue: work is a graph of what runs before what, and runs only when somebody waits for it.
#include <algorithm>

#include "../shadow.h"
#include "state.h"

namespace host_cuda {
namespace {

void depend(const OpPtr& op, const OpPtr& on) {
    if (on && !on->done) {
        op->before.push_back(on);
        on->after.push_back(op);
        op->unmet++;
    }
}

// Everything that has to be done for the targets.
std::vector<OpPtr> needed(std::vector<OpPtr> open, uint64_t mark) {
    std::vector<OpPtr> found;
    while (!open.empty()) {
        OpPtr op = open.back();
        open.pop_back();
        if (op && !op->done && op->mark != mark) {
            op->mark = mark;
            found.push_back(op);
            open.insert(open.end(), op->before.begin(), op->before.end());
        }
    }
    return found;
}

void finish(const OpPtr& op) {
    op->done = true;
    op->before.clear();
    op->after.clear();
    op->work = Work{};
}

}  // namespace

Opened::Opened() {
    if (state().open++ == 0) {
        openMemory(true);
    }
}

Opened::~Opened() {
    if (--state().open == 0) {
        openMemory(false);
    }
}

std::vector<OpPtr> lastWork(Context* context) {
    std::vector<OpPtr> last = context->orphans;
    last.push_back(context->null.last);
    for (auto& [handle, stream] : state().streams.all) {
        if (stream->context == context) {
            last.push_back(stream->last);
        }
    }
    return last;
}

OpPtr submit(Stream& stream, Work work, const std::vector<OpPtr>& after) {
    Context* context = stream.context;
    auto op = std::make_shared<Op>();
    op->context = context;
    op->work = std::move(work);
    if (op->work.pinnedSource.bytes != 0) {
        context->pinnedReads.push_back(op);
    }
    depend(op, stream.last);
    if (&stream == &context->null) {
        for (auto& [handle, other] : state().streams.all) {
            if (other->context == context && other->blocking) {
                depend(op, other->last);
            }
        }
    } else if (stream.blocking) {
        depend(op, context->null.last);
    }
    for (const OpPtr& before : after) {
        depend(op, before);
    }
    stream.last = op;
    stream.busyAnswers = -1;
    return op;
}

int drain(Context* context, const std::vector<OpPtr>& targets, bool others) {
    State& s = state();
    std::vector<OpPtr> open = targets;
    if (others && s.draws.below(2) == 0) {
        std::vector<OpPtr> all = lastWork(context);
        open.insert(open.end(), all.begin(), all.end());
    }
    uint64_t mark = ++s.walks;
    std::vector<OpPtr> ready;
    for (const OpPtr& op : needed(open, mark)) {
        if (op->unmet == 0) {
            ready.push_back(op);
        }
    }
    if (ready.empty()) {
        return context->sticky;
    }
    Opened opened;
    while (!ready.empty()) {
        std::swap(ready[s.draws.below(ready.size())], ready.back());
        OpPtr op = ready.back();
        ready.pop_back();
        try {
            if (op->work.run && op->context->sticky == SUCCESS) {
                op->work.run();
                if (op->work.counted) {
                    s.launches[op->work.name]++;
                }
            }
        } catch (const Fault& fault) {
            kill(op->context, resultOf(fault.kind), fault.what());
        } catch (const std::exception& other) {
            kill(op->context, LAUNCH_FAILED, op->work.name + ": " + other.what());
        }
        for (const OpPtr& next : op->after) {
            if (--next->unmet == 0 && next->mark == mark) {
                ready.push_back(next);
            }
            next->before.erase(std::find(next->before.begin(), next->before.end(), op));
        }
        finish(op);
    }
    auto& reads = context->pinnedReads;
    reads.erase(std::remove_if(reads.begin(), reads.end(), [](const OpPtr& op) { return op->done; }), reads.end());
    return context->sticky;
}

int drainAll(Context* context) {
    int result = drain(context, lastWork(context), false);
    context->orphans.clear();
    return result;
}

bool readsPinned(Context* context, const Range& target) {
    const auto& reads = context->pinnedReads;
    return std::any_of(reads.begin(), reads.end(),
                       [&target](const OpPtr& op) { return op->work.pinnedSource.overlaps(target); });
}

int push(Stream& stream, Work work) {
    if (stream.capture) {
        Capture& capture = *stream.capture;
        if (capture.invalid) {
            return STREAM_CAPTURE_INVALIDATED;
        }
        std::sort(stream.tips.begin(), stream.tips.end());
        stream.tips.erase(std::unique(stream.tips.begin(), stream.tips.end()), stream.tips.end());
        capture.graph.nodes.push_back({std::move(work), stream.tips});
        stream.tips = {capture.graph.nodes.size() - 1};
        return SUCCESS;
    }
    if (&stream == &stream.context->null) {
        if (int error = implicitInCapture(stream.context)) {
            return error;
        }
    }
    submit(stream, std::move(work));
    return SUCCESS;
}

int isCapturing(void* handle, bool& is) {
    std::lock_guard<std::recursive_mutex> guard(state().lock);
    if (int error = currentContext()) {
        return error;
    }
    Stream* stream = streamOf(current(), handle);
    is = stream != nullptr && stream->capture;
    return stream == nullptr ? INVALID_HANDLE : SUCCESS;
}

int enqueueSteps(void* handle, const char* name, const std::vector<std::function<void()>>& steps) {
    std::lock_guard<std::recursive_mutex> guard(state().lock);
    if (int error = currentContext()) {
        return error;
    }
    Stream* stream = streamOf(current(), handle);
    if (stream == nullptr) {
        return INVALID_HANDLE;
    }
    for (size_t i = 0; i < steps.size(); i++) {
        Work queued;
        queued.name = name;
        queued.run = steps[i];
        queued.counted = i + 1 == steps.size();
        if (int error = push(*stream, std::move(queued))) {
            return error;
        }
    }
    return SUCCESS;
}

int enqueue(void* handle, const char* name, std::function<void()> work) {
    return enqueueSteps(handle, name, {std::move(work)});
}

}  // namespace host_cuda
