// Capture and graphs.
#include <algorithm>
#include <cstring>

#include "state.h"

namespace host_cuda {

void invalidate(Capture& capture) { capture.invalid = true; }

int unsafeInCapture(Context*) {
    int result = SUCCESS;
    for (auto& capture : state().captures) {
        bool forbids = capture->mode == CAPTURE_GLOBAL ||
                       (capture->mode == CAPTURE_THREAD_LOCAL && capture->thread == std::this_thread::get_id());
        if (forbids) {
            invalidate(*capture);
            result = refuse(STREAM_CAPTURE_UNSUPPORTED, "not while a stream captures in this mode");
        }
    }
    return result;
}

int implicitInCapture(Context* context) {
    int result = SUCCESS;
    for (auto& [handle, stream] : state().streams.all) {
        if (stream->context == context && stream->blocking && stream->capture) {
            invalidate(*stream->capture);
            result = refuse(STREAM_CAPTURE_IMPLICIT, "the NULL stream waits for blocking streams, and one captures");
        }
    }
    return result;
}

namespace {

bool allJoined(const Capture& capture) {
    std::vector<bool> reached(capture.graph.nodes.size());
    for (size_t tip : capture.origin->tips) {
        reached[tip] = true;
    }
    for (size_t i = reached.size(); i-- > 0;) {
        for (size_t before : capture.graph.nodes[i].before) {
            reached[before] = reached[before] || reached[i];
        }
    }
    for (auto& [handle, stream] : state().streams.all) {
        if (stream->capture.get() == &capture) {
            for (size_t tip : stream->tips) {
                if (!reached[tip]) {
                    return false;
                }
            }
        }
    }
    return true;
}

int begin(Context* context, Stream* stream, int mode) {
    if (stream == nullptr) {
        return INVALID_HANDLE;
    }
    if (mode < CAPTURE_GLOBAL || mode > CAPTURE_RELAXED) {
        return INVALID_VALUE;
    }
    if (stream == &context->null) {
        return refuse(STREAM_CAPTURE_UNSUPPORTED, "the NULL stream cannot capture");
    }
    if (stream->capture) {
        return refuse(ILLEGAL_STATE, "the stream captures already");
    }
    static uint64_t ids = 0;
    auto capture = std::make_shared<Capture>();
    capture->context = context;
    capture->origin = stream;
    capture->mode = mode;
    capture->thread = std::this_thread::get_id();
    capture->id = ++ids;
    stream->capture = capture;
    stream->tips.clear();
    state().captures.push_back(capture);
    return SUCCESS;
}

int end(Stream* stream, void** graph) {
    *graph = nullptr;
    if (stream == nullptr) {
        return INVALID_HANDLE;
    }
    std::shared_ptr<Capture> capture = stream->capture;
    if (!capture) {
        return refuse(ILLEGAL_STATE, "the stream does not capture");
    }
    if (capture->origin != stream) {
        invalidate(*capture);
        return STREAM_CAPTURE_UNMATCHED;
    }
    if (capture->mode != CAPTURE_RELAXED && capture->thread != std::this_thread::get_id()) {
        return STREAM_CAPTURE_WRONG_THREAD;
    }
    bool joined = allJoined(*capture);
    State& s = state();
    for (auto& [handle, other] : s.streams.all) {
        if (other->capture == capture) {
            other->capture.reset();
            other->tips.clear();
        }
    }
    capture->ended = true;
    s.captures.erase(std::find(s.captures.begin(), s.captures.end(), capture));
    if (capture->invalid) {
        return STREAM_CAPTURE_INVALIDATED;
    }
    if (!joined) {
        return STREAM_CAPTURE_UNJOINED;
    }
    capture->graph.context = capture->context;
    *graph = s.graphs.add(std::make_shared<Graph>(std::move(capture->graph)));
    return SUCCESS;
}

std::shared_ptr<const NodeOrder> orderOf(const Graph& graph) {
    auto order = std::make_shared<NodeOrder>();
    std::vector<size_t> depths;
    for (const Node& node : graph.nodes) {
        std::vector<bool> ancestors(graph.nodes.size());
        size_t depth = 0;
        for (size_t before : node.before) {
            for (size_t i = 0; i <= before; i++) {
                ancestors[i] = ancestors[i] || i == before || order->ancestors[before][i];
            }
            depth = std::max(depth, depths[before]);
        }
        order->names.push_back(node.work.name);
        order->ancestors.push_back(std::move(ancestors));
        depths.push_back(depth + 1);
        order->depth = std::max(order->depth, depth + 1);
    }
    return order;
}

int launchGraph(Context* context, Graph& graph, Stream& stream) {
    if (stream.capture || &stream == &context->null) {
        if (stream.capture) {
            invalidate(*stream.capture);
            return refuse(STREAM_CAPTURE_UNSUPPORTED, "a graph within a capture");
        }
        if (int error = implicitInCapture(context)) {
            return error;
        }
    }
    // nodes wait for each other only, and all of them for what the stream had before
    OpPtr first = submit(stream, {}, {graph.last});
    std::vector<OpPtr> ops;
    std::vector<OpPtr> tips;
    std::vector<bool> followed(graph.nodes.size());
    uint32_t number = numberNodes(graph.nodes.size());
    for (const Node& node : graph.nodes) {
        Stream alone;
        alone.context = context;
        alone.blocking = false;
        std::vector<OpPtr> before{first};
        for (size_t i : node.before) {
            before.push_back(ops[i]);
            followed[i] = true;
        }
        Work work = node.work;
        auto index = static_cast<uint32_t>(ops.size());
        work.run = [order = graph.order, number, index, run = node.work.run] {
            NodeRun now(*order, number, index);
            if (run) {
                run();
            }
        };
        ops.push_back(submit(alone, std::move(work), before));
    }
    for (size_t i = 0; i < ops.size(); i++) {
        if (!followed[i]) {
            tips.push_back(ops[i]);
        }
    }
    graph.last = submit(stream, {}, tips);
    for (const Node& node : graph.nodes) {
        const Range& target = node.work.pinnedTarget;
        if (target.bytes != 0 && !readsPinned(context, target)) {
            memset(const_cast<char*>(target.base), 0xff, target.bytes);
        }
    }
    return SUCCESS;
}

}  // namespace
}  // namespace host_cuda

using namespace host_cuda;

extern "C" {

CUresult cuStreamBeginCapture_v2(void* handle, int mode) {
    return call("cuStreamBeginCapture", Needs::context,
                [=](Context* context) { return begin(context, streamOf(context, handle), mode); });
}

CUresult cuStreamEndCapture(void* handle, void** graph) {
    return call("cuStreamEndCapture", Needs::context,
                [=](Context* context) { return end(streamOf(context, handle), graph); });
}

CUresult cuStreamIsCapturing(void* handle, int* status) {
    return call("cuStreamIsCapturing", Needs::context, [=](Context* context) -> int {
        Stream* stream = streamOf(context, handle);
        if (stream == nullptr) {
            return INVALID_HANDLE;
        }
        if (stream == &context->null) {
            if (int error = implicitInCapture(context)) {
                return error;
            }
        }
        *status = !stream->capture ? CAPTURE_NONE : stream->capture->invalid ? CAPTURE_INVALIDATED : CAPTURE_ACTIVE;
        return SUCCESS;
    });
}

CUresult cuStreamGetCaptureInfo(void* handle, int* status, unsigned long long* id) {
    return call("cuStreamGetCaptureInfo", Needs::context, [=](Context* context) -> int {
        Stream* stream = streamOf(context, handle);
        if (stream == nullptr) {
            return INVALID_HANDLE;
        }
        *status = !stream->capture ? CAPTURE_NONE : stream->capture->invalid ? CAPTURE_INVALIDATED : CAPTURE_ACTIVE;
        if (id != nullptr && stream->capture) {
            *id = stream->capture->id;
        }
        return SUCCESS;
    });
}

CUresult cuGraphGetNodes(void* handle, void** nodes, size_t* count) {
    return call("cuGraphGetNodes", Needs::driver, [=](Context*) -> int {
        Graph* graph = state().graphs.find(handle);
        if (graph == nullptr) {
            return INVALID_HANDLE;
        }
        for (size_t i = 0; nodes != nullptr && i < *count; i++) {
            nodes[i] = i < graph->nodes.size() ? &graph->nodes[i] : nullptr;
        }
        *count = nodes == nullptr ? graph->nodes.size() : std::min(*count, graph->nodes.size());
        return SUCCESS;
    });
}

CUresult cuGraphGetEdges(void* handle, void** from, void** to, size_t* count) {
    return call("cuGraphGetEdges", Needs::driver, [=](Context*) -> int {
        Graph* graph = state().graphs.find(handle);
        if (graph == nullptr) {
            return INVALID_HANDLE;
        }
        size_t edges = 0;
        for (Node& node : graph->nodes) {
            for (size_t before : node.before) {
                if (from != nullptr && to != nullptr && edges < *count) {
                    from[edges] = &graph->nodes[before];
                    to[edges] = &node;
                }
                edges++;
            }
        }
        *count = from == nullptr || to == nullptr ? edges : std::min(*count, edges);
        return SUCCESS;
    });
}

CUresult cuGraphInstantiateWithFlags(void** exec, void* handle, unsigned long long) {
    return call("cuGraphInstantiateWithFlags", Needs::context, [=](Context*) -> int {
        Graph* graph = state().graphs.find(handle);
        if (graph == nullptr) {
            return INVALID_HANDLE;
        }
        auto executable = std::make_shared<Graph>(*graph);
        executable->order = orderOf(*graph);
        state().depth = executable->order->depth;
        *exec = state().graphExecs.add(executable);
        return SUCCESS;
    });
}

CUresult cuGraphUpload(void* exec, void* stream) {
    return call("cuGraphUpload", Needs::context, [=](Context* context) -> int {
        return state().graphExecs.find(exec) == nullptr || streamOf(context, stream) == nullptr ? INVALID_HANDLE : SUCCESS;
    });
}

CUresult cuGraphLaunch(void* exec, void* handle) {
    return call("cuGraphLaunch", Needs::context, [=](Context* context) -> int {
        Graph* graph = state().graphExecs.find(exec);
        Stream* stream = streamOf(context, handle);
        return graph == nullptr || stream == nullptr ? INVALID_HANDLE : launchGraph(context, *graph, *stream);
    });
}

CUresult cuGraphExecDestroy(void* exec) {
    return call("cuGraphExecDestroy", Needs::driver,
                [=](Context*) -> int { return state().graphExecs.all.erase(exec) == 0 ? INVALID_HANDLE : SUCCESS; });
}

CUresult cuGraphDestroy(void* graph) {
    return call("cuGraphDestroy", Needs::driver,
                [=](Context*) -> int { return state().graphs.all.erase(graph) == 0 ? INVALID_HANDLE : SUCCESS; });
}
}
