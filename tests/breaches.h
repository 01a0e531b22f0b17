// What proves the rules of an audit: each is broken once, on purpose, and must say so.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "kernel/audit.h"

namespace norn::test {

/// `Busy` is a machine in which every rule has something to look at.
template <class Busy>
struct Breach {
    const char* rule;  ///< part of the sentence that reports it
    std::function<void(Busy&)> break_it;
};

template <class Busy, std::size_t count>
void expect_each_is_noticed(const Breach<Busy> (&breaches)[count], AuditReport (*report_of)(const Machine&))
{
    for (const Breach<Busy>& breach : breaches) {
        Busy busy;
        breach.break_it(busy);
        const AuditReport report = report_of(busy.m);
        bool said = false;
        std::string all;
        for (const std::string& sentence : report.broken) {
            said = said || sentence.find(breach.rule) != std::string::npos;
            all += sentence + "; ";
        }
        EXPECT_TRUE(said) << "rule '" << breach.rule << "' is silent; the report: " << all;
    }
}

}  // namespace norn::test
