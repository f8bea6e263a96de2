package io.homebudget.migration.architecture;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.junit.ArchTests;
import io.homebudget.ledger.house.TestRules;

@AnalyzeClasses(packages = "io.homebudget.migration", importOptions = ImportOption.OnlyIncludeTests.class)
class MigrationTestsTest {

    @ArchTest
    static final ArchTests RULES = ArchTests.in(TestRules.class);
}
