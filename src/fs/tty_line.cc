// The line discipline: editing and echo of what is typed, signals from keys, and what output becomes on
// its way to the screen.
#include "fs/tty_line.h"

#include <algorithm>

#include "kernel/signal.h"
#include "kernel/wait_queue.h"

namespace norn {

namespace {

constexpr int si_kernel_code = 0x80;

uint8_t byte_at(const Tty& tty, uint32_t at)
{
    return tty.input[at % tty_ring];
}

void mark_line_end(Tty& tty, uint32_t at, bool ends)
{
    const uint64_t bit = 1ull << (at % 64);
    uint64_t& word = tty.line_ends[at % tty_ring / 64];
    word = ends ? word | bit : word & ~bit;
}

bool is_word(uint8_t byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           byte == '_' || byte >= 0x80;
}

/// What is typed into one terminal, byte by byte. Echo is collected and shown at the end.
class Typing {
  public:
    Typing(Machine& m, TtyId id) : m_(m), id_(id), tty_(m[id]) {}

    void type(uint8_t byte);
    void finish();

  private:
    [[nodiscard]] bool input_mode(uint32_t bit) const { return tty_.iflag & bit; }
    [[nodiscard]] bool local(uint32_t bit) const { return (tty_.lflag & bit) == bit; }
    [[nodiscard]] bool is_key(uint8_t byte, ControlCharacter key) const
    {
        return byte != tty_disabled && byte == tty_.cc[key];
    }
    bool flow_control(uint8_t byte);
    bool signal_key(uint8_t byte);
    bool editing_key(uint8_t byte);
    bool line_end_key(uint8_t byte);
    void take(uint8_t byte);
    void end_line(uint8_t byte);
    void put(uint8_t byte);

    void raise_signal(int signal, uint8_t key);
    void erase(ControlCharacter kind);
    void erase_one(uint32_t from, ControlCharacter kind);
    void kill_line();
    void reprint();
    [[nodiscard]] uint32_t column_of_end() const;
    void finish_erasing();
    void echo(uint8_t byte);
    void echo_raw(std::string_view text) { shown_ += process_output(tty_, text); }

    Machine& m_;
    TtyId id_;
    Tty tty_;  ///< a copy to work on; put back at the end and around signals
    std::string shown_;
};

void Typing::type(uint8_t byte)
{
    if (tty_.flags & tty_hung_up) return;
    if (input_mode(iflag_istrip)) byte &= 0x7f;
    if (input_mode(iflag_iuclc) && local(lflag_iexten) && byte >= 'A' && byte <= 'Z') byte += 'a' - 'A';
    if (tty_.flags & tty_literal) {
        tty_.flags &= ~tty_literal;
        return take(byte);
    }
    if (flow_control(byte) || signal_key(byte)) return;
    if ((tty_.flags & tty_stopped) && input_mode(iflag_ixon) && input_mode(iflag_ixany))
        tty_.flags &= ~tty_stopped;
    if (byte == '\r') {
        if (input_mode(iflag_igncr)) return;
        if (input_mode(iflag_icrnl)) byte = '\n';
    } else if (byte == '\n' && input_mode(iflag_inlcr)) {
        byte = '\r';
    }
    if (local(lflag_icanon) && (editing_key(byte) || line_end_key(byte))) return;
    take(byte);
}

bool Typing::flow_control(uint8_t byte)
{
    if (!input_mode(iflag_ixon)) return false;
    if (is_key(byte, vstart))
        tty_.flags &= ~tty_stopped;
    else if (is_key(byte, vstop))
        tty_.flags |= tty_stopped;
    else
        return false;
    return true;
}

bool Typing::signal_key(uint8_t byte)
{
    if (!local(lflag_isig)) return false;
    if (is_key(byte, vintr))
        raise_signal(SIGINT_, byte);
    else if (is_key(byte, vquit))
        raise_signal(SIGQUIT_, byte);
    else if (is_key(byte, vsusp))
        raise_signal(SIGTSTP_, byte);
    else
        return false;
    return true;
}

void Typing::raise_signal(int signal, uint8_t key)
{
    if (!local(lflag_noflsh)) {
        flush_input(tty_);
        shown_.clear();  // what was typed with it was not echoed yet
    }
    if (input_mode(iflag_ixon)) tty_.flags &= ~tty_stopped;
    if (local(lflag_echo)) echo(key);
    finish();
    if (const PidId foreground = m_[id_].foreground) {
        SigInfo info;
        info.signo = signal;
        info.code = si_kernel_code;
        send_signal_pgrp(m_, foreground, info);
    }
    tty_ = m_[id_];
}

bool Typing::editing_key(uint8_t byte)
{
    const bool extended = local(lflag_iexten);
    if (is_key(byte, verase)) {
        erase(verase);
    } else if (is_key(byte, vkill)) {
        kill_line();
    } else if (extended && is_key(byte, vwerase)) {
        erase(vwerase);
    } else if (extended && is_key(byte, vlnext)) {
        tty_.flags |= tty_literal;
        if (!local(lflag_echo)) return true;
        finish_erasing();
        if (local(lflag_echoctl)) echo_raw("^\b");
    } else if (extended && local(lflag_echo) && is_key(byte, vreprint)) {
        reprint();
    } else {
        return false;
    }
    return true;
}

bool Typing::line_end_key(uint8_t byte)
{
    if (byte == '\n') {
        if (local(lflag_echo) || local(lflag_echonl)) {
            finish_erasing();
            echo_raw("\n");
        }
        end_line(byte);
    } else if (is_key(byte, veof)) {
        end_line(tty_disabled);
    } else if (is_key(byte, veol) || (is_key(byte, veol2) && local(lflag_iexten))) {
        if (local(lflag_echo)) echo(byte);
        end_line(byte);
    } else {
        return false;
    }
    return true;
}

void Typing::take(uint8_t byte)
{
    if (tty_.head - tty_.tail >= line_limit) {
        if (input_mode(iflag_imaxbel)) echo_raw("\a");
        return;
    }
    if (local(lflag_echo)) {
        finish_erasing();
        if (byte == '\n') {
            echo_raw("\n");
        } else {
            if (tty_.canon_head == tty_.head) tty_.canon_column = tty_.column;
            echo(byte);
        }
    }
    put(byte);
}

void Typing::put(uint8_t byte)
{
    tty_.input[tty_.head % tty_ring] = byte;
    mark_line_end(tty_, tty_.head, false);
    ++tty_.head;
}

void Typing::end_line(uint8_t byte)
{
    put(byte);
    mark_line_end(tty_, tty_.head - 1, true);
    tty_.canon_head = tty_.head;
}

void Typing::echo(uint8_t byte)
{
    const char plain = static_cast<char>(byte);
    if (local(lflag_echoctl) && is_control(byte) && byte != '\t') {
        const std::string shown = {'^', static_cast<char>(byte ^ 0x40)};
        return echo_raw(shown);
    }
    echo_raw({&plain, 1});
}

void Typing::finish_erasing()
{
    if (!(tty_.flags & tty_erasing)) return;
    echo_raw("/");
    tty_.flags &= ~tty_erasing;
}

void Typing::kill_line()
{
    if (tty_.head == tty_.canon_head) return;
    if (local(lflag_echo) && local(lflag_echok) && local(lflag_echoke) && local(lflag_echoe))
        return erase(vkill);
    tty_.head = tty_.canon_head;
    if (!local(lflag_echo)) return;
    finish_erasing();
    echo(tty_.cc[vkill]);
    if (local(lflag_echok)) echo_raw("\n");
}

/// Takes back a character, a word or the line.
void Typing::erase(ControlCharacter kind)
{
    bool in_word = false;
    while (tty_.head != tty_.canon_head) {
        uint32_t at = tty_.head - 1;
        while (is_continuation(tty_, byte_at(tty_, at)) && at != tty_.canon_head) --at;
        const uint8_t byte = byte_at(tty_, at);
        if (is_continuation(tty_, byte)) break;
        if (kind == vwerase && !is_word(byte) && in_word) break;
        in_word |= is_word(byte);
        if (local(lflag_echo)) erase_one(at, kind);
        tty_.head = at;
        if (kind == verase) break;
    }
    if (tty_.head == tty_.canon_head && local(lflag_echo)) finish_erasing();
}

/// Shows that the last character, which begins at `from`, is gone.
void Typing::erase_one(uint32_t from, ControlCharacter kind)
{
    const uint8_t byte = byte_at(tty_, from);
    if (local(lflag_echoprt)) {
        if (!(tty_.flags & tty_erasing)) echo_raw("\\");
        tty_.flags |= tty_erasing;
        for (uint32_t at = from; at != tty_.head; ++at) echo(byte_at(tty_, at));
    } else if (kind == verase && !local(lflag_echoe)) {
        echo(tty_.cc[verase]);
    } else if (byte == '\t') {
        const uint32_t end = tty_.column;
        tty_.head = from;
        const uint32_t begin = column_of_end();
        for (uint32_t back = (end - begin + tab_width - 1) % tab_width + 1; back > 0; --back) echo_raw("\b");
    } else {
        if (is_control(byte) && local(lflag_echoctl)) echo_raw("\b \b");
        if (!is_control(byte) || local(lflag_echoctl)) echo_raw("\b \b");
    }
}

/// Where on the screen the line being typed ends.
uint32_t Typing::column_of_end() const
{
    uint32_t column = tty_.canon_column;
    for (uint32_t at = tty_.canon_head; at != tty_.head; ++at) {
        const uint8_t byte = byte_at(tty_, at);
        if (byte == '\t')
            column = (column / tab_width + 1) * tab_width;
        else if (is_control(byte))
            column += local(lflag_echoctl) ? 2 : 0;
        else
            column += is_continuation(tty_, byte) ? 0 : 1;
    }
    return column;
}

void Typing::reprint()
{
    finish_erasing();
    echo(tty_.cc[vreprint]);
    echo_raw("\n");
    for (uint32_t at = tty_.canon_head; at != tty_.head; ++at) echo(byte_at(tty_, at));
}

void Typing::finish()
{
    m_.edit(id_) = tty_;
    if (shown_.empty()) return;
    (void)tty_show(m_, id_, shown_);  // nobody can be told that an echo was lost
    shown_.clear();
}

}  // namespace

void tty_input(Machine& m, TtyId tty, std::span<const uint8_t> bytes)
{
    Typing typing(m, tty);
    for (const uint8_t byte : bytes) typing.type(byte);
    typing.finish();
    wake_up_all(m, queue_of(QueueKind::tty, tty.raw));
}

std::string process_output(Tty& tty, std::string_view text)
{
    const auto mode = [&](uint32_t bit) { return (tty.oflag & bit) != 0; };
    if (!mode(oflag_opost)) return std::string(text);
    std::string shown;
    shown.reserve(text.size() + text.size() / 16);
    for (char byte : text) {
        switch (byte) {
            case '\n':
                if (mode(oflag_onlcr)) shown += '\r';
                if (mode(oflag_onlcr) || mode(oflag_onlret)) tty.column = tty.canon_column = 0;
                shown += '\n';
                break;
            case '\r':
                if (mode(oflag_onocr) && tty.column == 0) break;
                if (mode(oflag_ocrnl)) {
                    shown += '\n';
                    if (mode(oflag_onlret)) tty.column = tty.canon_column = 0;
                    break;
                }
                tty.column = tty.canon_column = 0;
                shown += '\r';
                break;
            case '\t': {
                const uint32_t spaces = tab_width - tty.column % tab_width;
                tty.column += spaces;
                shown.append(mode(oflag_xtabs) ? std::string(spaces, ' ') : "\t");
                break;
            }
            case '\b':
                if (tty.column > 0) --tty.column;
                shown += '\b';
                break;
            default:
                if (mode(oflag_olcuc) && byte >= 'a' && byte <= 'z') byte = static_cast<char>(byte - 32);
                if (!is_control(static_cast<uint8_t>(byte)) &&
                    !is_continuation(tty, static_cast<uint8_t>(byte)))
                    ++tty.column;
                shown += byte;
        }
    }
    return shown;
}

uint32_t tty_available(const Tty& tty)
{
    return (tty.lflag & lflag_icanon ? tty.canon_head : tty.head) - tty.tail;
}

uint32_t room_to_type(const Tty& tty)
{
    const uint32_t used = tty.head - tty.tail;
    const bool no_line = (tty.lflag & lflag_icanon) && tty.canon_head == tty.tail;
    if (used >= line_limit) return no_line ? 1 : 0;  // nobody can read the line before it ends
    return line_limit - used;
}

void flush_input(Tty& tty)
{
    tty.head = tty.tail = tty.canon_head = 0;
    tty.line_ends.fill(0);
    tty.flags &= ~(tty_literal | tty_erasing);
}

}  // namespace norn
