// Every answer is given for good: what was answered once is never asked again.
#include "norn/view.h"

#include <cstring>

namespace norn {

Errno RecordedView::unanswered(std::string_view question, std::string_view path)
{
    if (missing_.empty()) missing_ = std::string(question) + " of " + std::string(path);
    return EIO;
}

Result<HostStat> RecordedView::stat(std::string_view path)
{
    const std::lock_guard guard(lock_);
    auto at = answers_.stats.find(path);
    if (at == answers_.stats.end()) {
        if (!inner_) return unanswered("the status", path);
        const Result<HostStat> answer = inner_->stat(path);
        at = answers_.stats
                 .emplace(path, ViewAnswers::Stat{answer.error(), answer.ok() ? *answer : HostStat{}})
                 .first;
    }
    if (at->second.error != Errno::none) return at->second.error;
    return at->second.stat;
}

Result<std::string> RecordedView::read_link(std::string_view path)
{
    const std::lock_guard guard(lock_);
    auto at = answers_.links.find(path);
    if (at == answers_.links.end()) {
        if (!inner_) return unanswered("the target", path);
        const Result<std::string> answer = inner_->read_link(path);
        at =
            answers_.links.emplace(path, ViewAnswers::Link{answer.error(), answer.ok() ? *answer : ""}).first;
    }
    if (at->second.error != Errno::none) return at->second.error;
    return at->second.target;
}

Result<std::vector<std::string>> RecordedView::list(std::string_view path)
{
    const std::lock_guard guard(lock_);
    auto at = answers_.lists.find(path);
    if (at == answers_.lists.end()) {
        if (!inner_) return unanswered("the listing", path);
        const Result<std::vector<std::string>> answer = inner_->list(path);
        at = answers_.lists
                 .emplace(path, ViewAnswers::List{answer.error(),
                                                  answer.ok() ? *answer : std::vector<std::string>{}})
                 .first;
    }
    if (at->second.error != Errno::none) return at->second.error;
    return at->second.names;
}

Result<std::size_t> RecordedView::read_page(std::string_view path, uint64_t page, std::span<uint8_t, 4096> to)
{
    const std::lock_guard guard(lock_);
    const ViewAnswers::PageKey key{path, page};
    auto at = answers_.pages.find(key);
    if (at == answers_.pages.end()) {
        if (!inner_) return unanswered("page " + std::to_string(page), path);
        std::array<uint8_t, 4096> bytes;
        const Result<std::size_t> answer = inner_->read_page(path, page, bytes);
        PageAnswer kept{answer.error(), 0, {}};
        if (answer.ok()) {
            kept.size = static_cast<uint32_t>(*answer);
            kept.content = hash_bytes(bytes.data(), kept.size);
            contents_.try_emplace(kept.content, reinterpret_cast<const char*>(bytes.data()), kept.size);
        }
        at = answers_.pages.emplace(key, kept).first;
    }
    if (at->second.error != Errno::none) return at->second.error;
    const auto content = contents_.find(at->second.content);
    if (content == contents_.end()) return unanswered("page " + std::to_string(page), path);
    std::memcpy(to.data(), content->second.data(), content->second.size());
    return content->second.size();
}

ViewAnswers RecordedView::answers() const
{
    const std::lock_guard guard(lock_);
    return answers_;
}

std::string RecordedView::missing() const
{
    const std::lock_guard guard(lock_);
    return missing_;
}

}  // namespace norn
